namespace Lapidary.Workbench.Training;

/// <summary>How the learning rate goes on after the warm-up.</summary>
public enum LearningRateScheduleKind
{
    /// <summary>In a straight line to zero at the last step.</summary>
    Linear,

    /// <summary>Along half a cosine to zero, or to a share of the peak, at the last step.</summary>
    Cosine,

    /// <summary>Stays as it is.</summary>
    Constant,
}
