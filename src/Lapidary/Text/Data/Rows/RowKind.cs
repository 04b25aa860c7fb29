namespace Lapidary.Text.Data.Rows;

/// <summary>What a row is, as its columns say it. Where several kinds fit, the first one counts.</summary>
internal enum RowKind
{
    /// <summary><c>input_ids</c>, with <c>labels</c> and <c>attention_mask</c> where they are there.</summary>
    Tokens,

    /// <summary><c>messages</c> of role and content.</summary>
    Messages,

    /// <summary><c>conversations</c> of from and value, the older form of messages.</summary>
    Conversations,

    /// <summary><c>prompt</c> and <c>completion</c>, both texts or both lists of messages.</summary>
    Prompt,

    /// <summary><c>instruction</c>, <c>context</c> and <c>response</c>, as Dolly has them.</summary>
    Instruction,

    /// <summary><c>text</c>.</summary>
    Text,
}
