// What the machine can do at most, to read the other figures against: streaming reads and float32 multiply-adds, with 1 and more threads.
//
//   gcc -O3 -march=native -pthread limits.c -o limits
//   ./limits [THREADS=2] [GIB=2]
//
// The widest vectors that the compiler targets are used: AVX-512, AVX2 with FMA, or NEON.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#if defined(__AVX512F__)
#include <immintrin.h>
#define NAME "AVX-512"
#define LANES 16
typedef __m512 vec;
#define SET(x) _mm512_set1_ps(x)
#define FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#elif defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#define NAME "AVX2"
#define LANES 8
typedef __m256 vec;
#define SET(x) _mm256_set1_ps(x)
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#define NAME "NEON"
#define LANES 4
typedef float32x4_t vec;
#define SET(x) vdupq_n_f32(x)
#define FMA(a, b, c) vfmaq_f32(c, a, b)
#else
#error "compile with -march=native on a machine with AVX2 or NEON"
#endif

// Two FMA units times a latency of 4 to 5 cycles need at least 10 independent sums; 12 is what a product's micro-kernel keeps, too.
#define CHAINS 12
#define ROUNDS 100000000L
#define RUNS 5
#define MAX_THREADS 256

typedef struct { const char *from; size_t bytes; double seconds; float sink; } work;

static pthread_barrier_t start_line;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

static void *read_all(void *argument) {
    work *w = argument;
    const uint64_t *p = (const uint64_t *)w->from;
    size_t words = w->bytes / 8;
    pthread_barrier_wait(&start_line);
    double began = now();
    // 32 independent sums: the compiler makes four or more vectors of them, enough to keep the loads coming.
    uint64_t sums[32] = {0};
    for (size_t i = 0; i < words; i += 32)
        for (int k = 0; k < 32; k++) sums[k] ^= p[i + k];
    uint64_t all = 0;
    for (int k = 0; k < 32; k++) all ^= sums[k];
    w->sink = (float)all;
    w->seconds = now() - began;
    return NULL;
}

static void *multiply_add(void *argument) {
    work *w = argument;
    vec x[CHAINS], factor = SET(0.999999f), term = SET(1e-6f);
    for (int k = 0; k < CHAINS; k++) x[k] = SET(1.0f + (float)k);
    pthread_barrier_wait(&start_line);
    double began = now();
    for (long i = 0; i < ROUNDS; i++)
        for (int k = 0; k < CHAINS; k++) x[k] = FMA(x[k], factor, term);
    float lanes[LANES];
    vec sum = SET(0);
    for (int k = 0; k < CHAINS; k++) sum = FMA(x[k], factor, sum);
    memcpy(lanes, &sum, sizeof lanes);
    w->sink = lanes[0];
    w->seconds = now() - began;
    return NULL;
}

// Seconds of the slowest thread.
static double run(void *(*body)(void *), int threads, const char *memory, size_t bytes) {
    pthread_t handles[MAX_THREADS];
    work shares[MAX_THREADS];
    size_t share = bytes / (size_t)threads / 4096 * 4096;
    double slowest = 0;
    pthread_barrier_init(&start_line, NULL, (unsigned)threads);
    for (int i = 0; i < threads; i++) {
        shares[i] = (work){ .from = memory ? memory + share * (size_t)i : NULL, .bytes = share };
        if (pthread_create(&handles[i], NULL, body, &shares[i])) { perror("pthread_create"); exit(1); }
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(handles[i], NULL);
        if (shares[i].seconds > slowest) slowest = shares[i].seconds;
    }
    pthread_barrier_destroy(&start_line);
    return slowest;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(const char *what, const char *unit, int threads, double work_done, void *(*body)(void *), const char *memory, size_t bytes) {
    double rate[RUNS];
    for (int r = 0; r < RUNS; r++) rate[r] = work_done / run(body, threads, memory, bytes) / 1e9;
    qsort(rate, RUNS, sizeof *rate, ascending);
    printf("%-22s %d thread%s  best %6.1f %s  median %6.1f\n", what, threads, threads == 1 ? " " : "s", rate[RUNS - 1], unit, rate[RUNS / 2]);
    fflush(stdout);
}

int main(int count, char **arguments) {
    int threads = count > 1 ? atoi(arguments[1]) : 2;
    long gib = count > 2 ? atol(arguments[2]) : 2;
    if (threads < 1 || threads > MAX_THREADS || gib < 1) {
        fprintf(stderr, "usage: limits [THREADS 1..%d] [GIB >= 1]\n", MAX_THREADS);
        return 2;
    }
    size_t bytes = (size_t)gib << 30;
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) { perror("mmap"); return 1; }
    // Weights are mapped files in small pages: large pages would promise a rate that no model can have.
    madvise(memory, bytes, MADV_NOHUGEPAGE);
    for (size_t i = 0; i < bytes; i += 8) *(uint64_t *)(memory + i) = i * 0x9E3779B97F4A7C15u;
    for (int t = 1; t <= threads; t = t == threads ? t + 1 : threads)
        report("read", "GB/s    ", t, (double)(bytes / (size_t)t / 4096 * 4096) * t, read_all, memory, bytes);
    for (int t = 1; t <= threads; t = t == threads ? t + 1 : threads)
        report("float32 FMA " NAME, "GFLOP/s ", t, 2.0 * ROUNDS * CHAINS * LANES * t, multiply_add, NULL, 0);
    return 0;
}
