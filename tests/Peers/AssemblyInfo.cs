using Lapidary.Peers.Tests;
using Xunit;

// One set of models for all tests, and one comparison at a time: both sides use several threads, and the tools share scratch files.
[assembly: AssemblyFixture(typeof(RandomModels))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]
