using System.Text.Json.Serialization;

namespace Lapidary.Workbench.Recipes;

/// <summary>The form of <c>lapidary.json</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    WriteIndented = true)]
[JsonSerializable(typeof(Lineage))]
internal sealed partial class LineageJson : JsonSerializerContext;
