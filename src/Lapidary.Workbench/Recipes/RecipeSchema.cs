using System.Text.Json.Nodes;

namespace Lapidary.Workbench.Recipes;

/// <summary>The JSON schema of recipes (draft 2020-12), with which editors complete and check them.</summary>
public static class RecipeSchema
{
    /// <summary>The schema: what a step may have follows from its command.</summary>
    /// <param name="catalog">The commands.</param>
    public static JsonObject Create(StepCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var conditions = new JsonArray();
        foreach (StepCommand command in catalog.Commands)
        {
            conditions.Add((JsonNode)new JsonObject
            {
                ["if"] = new JsonObject { ["properties"] = new JsonObject { ["command"] = new JsonObject { ["const"] = command.Name } } },
                ["then"] = new JsonObject { ["$ref"] = "#/$defs/" + command.Name },
            });
        }

        var definitions = new JsonObject();
        foreach (StepCommand command in catalog.Commands)
        {
            definitions[command.Name] = Step(command);
        }

        definitions["step"] = new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray("command"),
            ["properties"] = new JsonObject
            {
                ["command"] = new JsonObject { ["enum"] = new JsonArray([.. catalog.Commands.Select(command => (JsonNode)command.Name)]) },
            },
            ["allOf"] = conditions,
        };
        return new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Lapidary recipe",
            ["type"] = "object",
            ["required"] = new JsonArray("steps"),
            ["additionalProperties"] = false,
            ["properties"] = new JsonObject
            {
                ["title"] = Text("What the recipe is called."),
                ["description"] = Text("What it is for."),
                ["variables"] = new JsonObject
                {
                    ["description"] = "Values that steps take by ${name} and --set changes.",
                    ["type"] = "object",
                    ["additionalProperties"] = new JsonObject { ["type"] = new JsonArray("string", "number") },
                },
                ["steps"] = new JsonObject
                {
                    ["description"] = "Each is one call of a command; ${name} is what the step of that name makes.",
                    ["type"] = "object",
                    ["additionalProperties"] = new JsonObject { ["$ref"] = "#/$defs/step" },
                },
            },
            ["$defs"] = definitions,
        };
    }

    private static JsonObject Step(StepCommand command)
    {
        var properties = new JsonObject { ["command"] = new JsonObject { ["const"] = command.Name, ["description"] = command.Description } };
        if (command.Extensions.Count == 1)
        {
            properties["output"] = Text("The name of what it writes, where it is not the step's.");
        }

        foreach (StepOption option in command.Options)
        {
            properties[option.Name] = Value(option);
        }

        var step = new JsonObject { ["properties"] = properties, ["additionalProperties"] = false };
        string[] required = [.. command.Options.Where(option => option.IsRequired).Select(option => option.Name)];
        if (required.Length > 0)
        {
            step["required"] = new JsonArray([.. required.Select(name => (JsonNode)name)]);
        }

        return step;
    }

    private static JsonObject Text(string description) => new() { ["description"] = description, ["type"] = "string" };

    // A number may also be a text: a variable in ${...}.
    private static JsonObject Value(StepOption option)
    {
        var value = new JsonObject { ["description"] = option.Description };
        if (option.Choices.Count > 0)
        {
            value["anyOf"] = new JsonArray(
                new JsonObject { ["enum"] = new JsonArray([.. option.Choices.Select(choice => (JsonNode)choice)]) },
                new JsonObject { ["type"] = "string", ["pattern"] = @"\$\{" });
            return value;
        }

        value["type"] = option.Value switch
        {
            StepValue.Text when option.CanStandAlone => new JsonArray("string", "boolean"),
            StepValue.Flag => "boolean",
            StepValue.Integer => new JsonArray("integer", "string"),
            StepValue.Number => new JsonArray("number", "string"),
            StepValue.Text => new JsonArray("string", "number"),
            _ => new JsonArray("string", "number", "array"),
        };
        return value;
    }
}
