namespace Lapidary.Text.Tokenizers;

/// <summary>A piece that is cut out of the text before anything is merged; the flags are those of <c>added_tokens</c>.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text.</param>
/// <param name="Special">Whether it is structure rather than text.</param>
/// <param name="Normalized">Whether it is looked for after normalization.</param>
/// <param name="StripsLeft">Whether it swallows the white space before it.</param>
/// <param name="StripsRight">Whether it swallows the white space after it.</param>
/// <param name="SingleWord">Whether it counts only where no letter or digit touches it.</param>
internal sealed record AddedToken(
    int Id, string Content, bool Special, bool Normalized = false, bool StripsLeft = false, bool StripsRight = false, bool SingleWord = false);
