using Lapidary.Pebble.World;
foreach (Fact f in Facts.All) { foreach (string t in f.Relation.Statements) { Console.WriteLine(f.State(t, false) + " | " + f.State(t, true)); } Console.WriteLine(f.Ask(f.Relation.Answer)); }
