namespace Lapidary.Workbench.Recipes;

/// <summary>Puts the steps of a recipe into an order in which they can be done.</summary>
internal static class RecipeOrder
{
    /// <summary>The steps, each behind those that it needs, otherwise as in the file; a circle is a fault.</summary>
    public static IReadOnlyList<RecipeStep> Sort(IReadOnlyDictionary<string, RecipeStep> steps, List<RecipeFault> faults)
    {
        var ordered = new List<RecipeStep>();
        var done = new HashSet<string>(StringComparer.Ordinal);
        var waiting = steps.Values.ToList();
        while (waiting.Count > 0)
        {
            // A step with a fault is not there; its own fault says enough.
            RecipeStep? next = waiting.FirstOrDefault(step => step.Needs.All(need => done.Contains(need) || !steps.ContainsKey(need)));
            if (next is null)
            {
                foreach (RecipeStep step in waiting.Where(step => Reaches(step, step.Name, steps)))
                {
                    faults.Add(new RecipeFault(step.Line, $"the step '{step.Name}' needs {string.Join(" and ", step.Needs.Select(need => $"'{need}'"))}, which needs it in turn"));
                }

                break;
            }

            waiting.Remove(next);
            done.Add(next.Name);
            ordered.Add(next);
        }

        return ordered;
    }

    private static bool Reaches(RecipeStep from, string name, IReadOnlyDictionary<string, RecipeStep> steps)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(from.Needs);
        while (open.TryPop(out string? need))
        {
            if (need == name)
            {
                return true;
            }

            if (seen.Add(need) && steps.TryGetValue(need, out RecipeStep? step))
            {
                foreach (string inner in step.Needs)
                {
                    open.Push(inner);
                }
            }
        }

        return false;
    }
}
