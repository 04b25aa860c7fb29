using System.Text;

namespace Lapidary.Workbench.Training;

/// <summary>A number that stands for a tensor's name in seeds: FNV-1a of its UTF-8 bytes, the same on every machine.</summary>
internal static class NameHash
{
    public static ulong Of(string name)
    {
        ulong hash = 0xCBF2_9CE4_8422_2325;
        foreach (byte value in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ value) * 0x0000_0100_0000_01B3;
        }

        return hash;
    }
}
