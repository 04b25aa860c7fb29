using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Lapidary.Cli.Tests.Architecture;

/// <summary>Writes the public surface of an assembly as text: one line per type and per member, in ordinal order.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The text of the assembly.</summary>
    public static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Head(type)).Append('\n');
            foreach (string member in Members(type).Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Head(Type type)
    {
        string kind = type.IsEnum ? "enum"
            : type.IsSubclassOf(typeof(MulticastDelegate)) ? "delegate"
            : type.IsInterface ? "interface"
            : type.IsValueType ? (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly struct" : "struct")
            : type is { IsAbstract: true, IsSealed: true } ? "static class"
            : type.IsAbstract ? "abstract class"
            : type.IsSealed ? "sealed class" : "class";
        IEnumerable<string> bases = type.GetInterfaces().Where(face => face.IsPublic || face.IsNestedPublic).Select(Name).Order(StringComparer.Ordinal);
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && !type.IsEnum && kind != "delegate")
        {
            bases = bases.Prepend(Name(parent));
        }

        string list = type.IsEnum || kind == "delegate" ? string.Empty : string.Join(", ", bases);
        return $"{kind} {type.Namespace}.{Name(type)}{(list.Length > 0 ? " : " + list : string.Empty)}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue())}");
        }

        if (type.IsSubclassOf(typeof(MulticastDelegate)))
        {
            return [Method(type.GetMethod("Invoke")!)];
        }

        return type.GetMembers(Declared).Where(IsVisible).Select(Describe).OfType<string>();
    }

    private static string? Describe(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"{Access(constructor)}{Name(constructor.DeclaringType!)}({Parameters(constructor)})",
        MethodInfo { IsSpecialName: true } method when !method.Name.StartsWith("op_", StringComparison.Ordinal) => null,
        MethodInfo method => Method(method),
        PropertyInfo property => Property(property),
        FieldInfo { IsLiteral: true } field => $"const {Name(field.FieldType)} {field.Name} = {field.GetRawConstantValue()}",
        FieldInfo field => $"{Access(field)}{(field.IsStatic ? "static " : string.Empty)}{(field.IsInitOnly ? "readonly " : string.Empty)}{Name(field.FieldType)} {field.Name}",
        EventInfo happening => $"event {Name(happening.EventHandlerType!)} {happening.Name}",
        _ => null,
    };

    private static string Property(PropertyInfo property)
    {
        MethodInfo accessor = (property.GetMethod ?? property.SetMethod)!;
        bool init = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ?? false;
        string get = property.GetMethod is { } getter && IsVisible(getter) ? " get;" : string.Empty;
        string set = property.SetMethod is { } setter && IsVisible(setter) ? init ? " init;" : " set;" : string.Empty;
        string index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"[{Parameters(parameters)}]" : string.Empty;
        return $"{Access(accessor)}{Modifiers(accessor)}{Name(property.PropertyType)} {property.Name}{index} {{{get}{set} }}";
    }

    private static string Method(MethodInfo method)
    {
        string generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : string.Empty;
        return $"{Access(method)}{Modifiers(method)}{Name(method.ReturnType)} {method.Name}{generic}({Parameters(method)})";
    }

    private static string Modifiers(MethodInfo method) =>
        method.IsStatic ? method.IsAbstract ? "static abstract " : "static "
        : method.DeclaringType!.IsInterface ? string.Empty
        : method.IsAbstract ? "abstract "
        : method.IsVirtual && !method.IsFinal ? method.GetBaseDefinition() == method ? "virtual " : "override " : string.Empty;

    private static string Parameters(MethodBase method) => Parameters(method.GetParameters());

    private static string Parameters(ParameterInfo[] parameters) => string.Join(", ", parameters.Select(parameter =>
    {
        string passing = !parameter.ParameterType.IsByRef ? string.Empty : parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";
        string fallback = parameter.HasDefaultValue ? $" = {parameter.DefaultValue ?? "default"}" : string.Empty;
        return $"{passing}{Name(parameter.ParameterType)} {parameter.Name}{fallback}";
    }));

    private static string Name(Type type)
    {
        if (type.IsByRef)
        {
            return Name(type.GetElementType()!);
        }

        if (type.IsArray)
        {
            return Name(type.GetElementType()!) + "[]";
        }

        if (type.IsPointer)
        {
            return Name(type.GetElementType()!) + "*";
        }

        string prefix = type.IsNested && !type.IsGenericParameter ? Name(type.DeclaringType!) + "." : string.Empty;
        string name = type.Name.Split('`')[0];
        return prefix + name + (type.IsGenericType ? $"<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : string.Empty);
    }

    private static string Access(MemberInfo member) => member switch
    {
        MethodBase { IsPublic: false } => "protected ",
        FieldInfo { IsPublic: false } => "protected ",
        _ => string.Empty,
    };

    // Compiler-written members of records are part of the surface, but say nothing that the record's head does not.
    private static bool IsVisible(MemberInfo member) => !member.Name.Contains('<', StringComparison.Ordinal) && member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsVisible),
        EventInfo happening => happening.AddMethod is { } add && IsVisible(add),
        _ => false,
    };
}
