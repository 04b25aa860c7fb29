using System.Runtime.InteropServices;

namespace Lapidary.Workbench.Training;

/// <summary>
/// Writes the entries of a folder to the disk. A rename is atomic for a process that is killed; for a machine that loses its power it is
/// there for sure only when the folder itself was flushed. .NET opens no folders, so this is a call of the C library; Windows flushes
/// its directory entries through the journal of the file system and needs none.
/// </summary>
internal static partial class DirectoryEntries
{
    /// <summary>Flushes the folder where the platform allows it; a failure means less protection, never a failed save.</summary>
    public static void Flush(string folder)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
        {
            return;
        }

        int descriptor = Open(folder, 0);
        if (descriptor >= 0)
        {
            _ = Synchronize(descriptor);
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
