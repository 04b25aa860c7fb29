using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Lapidary.Benchmarks;

/// <summary>Work done per nanosecond of the mean: GB/s for bytes, GFLOP/s for operations. To be read against <c>bench/limits</c>.</summary>
/// <param name="name">Head of the column.</param>
/// <param name="work">Bytes or operations of a case.</param>
internal sealed class RateColumn(string name, Func<BenchmarkCase, double> work) : IColumn
{
    public string Id => nameof(RateColumn) + name;

    public string ColumnName => name;

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => $"{name} at the mean time";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
        summary[benchmarkCase]?.ResultStatistics is { } statistics
            ? (work(benchmarkCase) / statistics.Mean).ToString("0.0", CultureInfo.InvariantCulture)
            : "-";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public bool IsAvailable(Summary summary) => true;

    /// <summary>A configuration with this one column.</summary>
    public static IConfig Config(string name, Func<BenchmarkCase, double> work) =>
        ManualConfig.CreateEmpty().AddColumn(new RateColumn(name, work));

    /// <summary>The value of a parameter of a case.</summary>
    public static T Parameter<T>(BenchmarkCase benchmarkCase, string name) => (T)benchmarkCase.Parameters[name];
}
