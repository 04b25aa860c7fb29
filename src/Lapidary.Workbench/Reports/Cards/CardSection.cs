namespace Lapidary.Workbench.Reports.Cards;

/// <summary>A section of a model card that is written from what was recorded.</summary>
/// <param name="Name">What it is called in the marks around it.</param>
/// <param name="Text">Its Markdown, heading included, without the marks.</param>
internal sealed record CardSection(string Name, string Text);
