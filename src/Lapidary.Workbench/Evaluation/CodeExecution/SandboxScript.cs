using System.Collections.Immutable;
using System.Globalization;

namespace Lapidary.Workbench.Evaluation.CodeExecution;

/// <summary>
/// What is run to make a sandbox: the command line, the shell script inside the new namespaces, and the program around the program.
/// </summary>
internal static class SandboxScript
{
    /// <summary>The programs that the command line and the script run.</summary>
    public static ImmutableArray<string> Tools { get; } =
        ["setpriv", "unshare", "sh", "mount", "umount", "pivot_root", "prlimit", "mkdir", "ln", "readlink"];

    // 512 MiB for each of eight processes and 16 MiB of files at the most.
    private const long MemoryBytes = 512L << 20;
    private const long FileBytes = 8L << 20;
    private const int Processes = 8;
    private const int OpenFiles = 64;
    private const int Seconds = 4;
    private const int Nobody = 65534;

    /// <summary>A program that passes only where the sandbox holds: no network, no writing but in the scratch folder, no privileges.</summary>
    public const string Probe = """
        import os, socket
        with open('/tmp/probe', 'w') as file:
            file.write('x')
        for path in ('/probe', '/usr/probe', '/dev/probe', '/bin/probe', '/lib/probe'):
            try:
                open(path, 'w')
            except OSError:
                continue
            raise AssertionError(path)
        for path in ('/home', '/root', '/proc', '/sys', '/old', '/etc/passwd'):
            assert not (os.listdir(path) if os.path.isdir(path) else os.path.exists(path)), path
        assert [name for _, name in socket.if_nameindex()] in ([], ['lo'])
        try:
            socket.create_connection(('127.0.0.1', 9), 0.2)
        except OSError:
            pass
        else:
            raise AssertionError('network')
        try:
            os.setgroups([])
        except OSError:
            pass
        else:
            raise AssertionError('privileges')
        """;

    // A new root with the system's folders and an empty scratch folder is put together on /tmp. The mounts that are seen in it are made
    // read-only with the options they have, since the kernel refuses to drop any in a namespace of a user; /proc is there only as long
    // as mount has to read it.
    private const string Script = """
        set -e
        root=/tmp
        mount -t tmpfs -o size=1m,mode=755 sandbox $root
        mkdir $root/usr $root/dev $root/etc $root/proc $root/tmp $root/old
        mount --rbind /usr $root/usr
        for name in bin sbin lib lib32 lib64 libx32; do
          if [ -L /$name ]; then ln -s "$(readlink /$name)" $root/$name
          elif [ -d /$name ]; then mkdir $root/$name; mount --rbind /$name $root/$name
          fi
        done
        for file in /dev/null /dev/urandom /etc/ld.so.cache; do
          if [ -e $file ]; then : > $root$file; mount --bind $file $root$file; fi
        done
        mount --rbind /proc $root/proc
        mount -t tmpfs -o size=16m,nr_inodes=1k,mode=1777,nosuid,nodev scratch $root/tmp
        { echo 0 > /proc/sys/user/max_user_namespaces; } 2> /dev/null || true
        cd $root
        pivot_root . old
        cd /
        umount -l /old
        while read -r _ _ _ _ point options _; do
          case $point in
            /usr | /usr/* | /bin | /bin/* | /sbin | /sbin/* | /lib* | /etc/*) mount -o "remount,bind,ro${options#r?}" "$point" ;;
          esac
        done < /proc/self/mountinfo
        mount -o remount,bind,ro /
        umount -l /proc
        cd /tmp
        exec "$@"
        """;

    // The program runs as in the reference: compiled, in an empty namespace, any exception a failure. It gets neither the input nor the
    // outputs of this process, nor what this process may have inherited open, such as a folder. The token tells a program that came to its
    // end from one that left or printed something. As in the reference it is no secret from a program that looks for it in its interpreter:
    // the sandbox guards the machine, and not the score against a model that cheats.
    private const string Driver = """
        import os, sys
        os.closerange(3, 1 << 20)
        answer = os.dup(1)
        nothing = os.open(os.devnull, os.O_RDWR)
        text = sys.stdin.buffer.read().decode('utf-8', 'surrogatepass')
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        token, _, program = text.partition('\n')
        try:
            exec(compile(program, '<program>', 'exec'), {})
        except BaseException:
            os._exit(1)
        os.write(answer, token.encode())
        os._exit(0)
        """;

    /// <summary>The arguments of <c>setpriv</c>, which starts the rest.</summary>
    /// <param name="tools">The paths of <see cref="Tools"/>.</param>
    /// <param name="interpreter">The path of Python.</param>
    /// <param name="isPrivileged">Whether this process belongs to root, whose limits on processes do not count.</param>
    public static IEnumerable<string> Arguments(IReadOnlyDictionary<string, string> tools, string interpreter, bool isPrivileged)
    {
        string[] leave = isPrivileged ? [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups"] : [];
        string[] limits =
        [
            Limit("as", MemoryBytes), Limit("fsize", FileBytes), Limit("nproc", Processes), Limit("nofile", OpenFiles), Limit("cpu", Seconds),
            Limit("core", 0),
        ];
        return
        [
            .. leave, "--pdeathsig=KILL",
            tools["unshare"], "--user", "--map-root-user", "--net", "--mount", "--pid", "--ipc", "--uts", "--cgroup", "--fork", "--kill-child=KILL",
            tools["sh"], "-c", Script, "sandbox",
            tools["prlimit"], .. limits,
            tools["setpriv"], "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all",
            interpreter, "-s", "-B", "-c", Driver,
        ];
    }

    private static string Limit(string name, long value) => string.Create(CultureInfo.InvariantCulture, $"--{name}={value}");
}
