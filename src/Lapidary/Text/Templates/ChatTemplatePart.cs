namespace Lapidary.Text;

/// <summary>A part of a message.</summary>
/// <param name="Type">What it is: <c>text</c>, or <c>image</c>, <c>audio</c> or <c>video</c>, of which the template knows only the place.</param>
/// <param name="Text">The text of a text.</param>
public sealed record ChatTemplatePart(string Type, string? Text = null)
{
    /// <summary>The place of an image.</summary>
    public static ChatTemplatePart Image { get; } = new("image");

    /// <summary>A text.</summary>
    public static ChatTemplatePart OfText(string text) => new("text", text);
}
