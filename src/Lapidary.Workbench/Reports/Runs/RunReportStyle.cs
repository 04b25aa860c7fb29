namespace Lapidary.Workbench.Reports.Runs;

/// <summary>The style sheet of the page of a run.</summary>
internal static class RunReportStyle
{
    /// <summary>Its text.</summary>
    public const string Sheet = """

        :root{--surface:#ffffff;--ink:#1c2024;--muted:#5b6570;--line:#e3e7eb;--code:#f4f6f8}
        @media (prefers-color-scheme:dark){:root{--surface:#12161b;--ink:#e8ebee;--muted:#a3adb8;--line:#2a3138;--code:#1b2027}}
        :root{color-scheme:light dark}
        body{margin:0;background:var(--surface);color:var(--ink);font:400 16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans","DejaVu Sans",sans-serif}
        main{max-width:1080px;margin:0 auto;padding:2rem 1.25rem 4rem}
        h1{font-size:1.9rem;line-height:1.2;margin:0 0 .4rem}
        h2{font-size:1.25rem;margin:2.4rem 0 .6rem;border-top:1px solid var(--line);padding-top:1.2rem}
        .lead{color:var(--muted);margin:0 0 1.2rem;max-width:70ch}
        figure{margin:1rem 0;overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:.9rem}
        th,td{text-align:left;vertical-align:top;padding:.4rem .7rem;border-bottom:1px solid var(--line)}
        th{color:var(--muted);font-weight:600;white-space:nowrap}
        .n,td[style*="right"]{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
        .text{white-space:pre-wrap;overflow-wrap:anywhere}
        .wide{overflow-x:auto}
        .wide th,.wide td:not(.text){white-space:nowrap}
        code,pre{font:.85em ui-monospace,"Cascadia Mono","DejaVu Sans Mono",monospace;background:var(--code);border-radius:4px}
        code{padding:.1em .3em;overflow-wrap:anywhere}
        pre{padding:.8rem 1rem;overflow-x:auto}
        pre code{padding:0;background:none}
        blockquote{margin:1rem 0;padding-left:1rem;border-left:3px solid var(--line);color:var(--muted)}
        summary{cursor:pointer;color:var(--muted)}
        article h1{font-size:1.4rem;margin-top:1.2rem}
        article h2{font-size:1.1rem}

        """;
}
