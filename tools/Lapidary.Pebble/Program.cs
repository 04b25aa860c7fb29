using Lapidary.Pebble.Corpus;
Console.WriteLine(CorpusGenerator.Write(args[0], CorpusGenerator.DefaultSeed, new CorpusSizes()).ToString());
