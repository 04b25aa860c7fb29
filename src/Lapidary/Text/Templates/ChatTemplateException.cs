using Lapidary.Text.Jinja;

namespace Lapidary.Text;

/// <summary>
/// A chat template that cannot be used, or that refused a conversation. The message is one sentence that names the template, the line
/// and the column.
/// </summary>
public sealed class ChatTemplateException : JinjaException
{
    internal ChatTemplateException(JinjaException thrown)
        : base(thrown.Path, thrown.Line, thrown.Column, thrown.Reason, thrown)
    {
        IsRefusal = thrown.IsRefusal;
    }
}
