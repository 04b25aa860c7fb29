// Importance matrices by llama.cpp's library, one thread. ImportanceMatrixTests compiles it against the library of the peer.
//   imatrix collect MODEL.gguf tokens.i32 CHUNK BEGIN OUT.gguf   the sums of squared inputs of the matrices of all layers, as ggml writes them;
//                                                                each CHUNK of the tokens is a text of its own that begins with BEGIN
//   imatrix quantize IN.gguf OUT.gguf FTYPE IMATRIX.gguf         llama_model_quantize with the sums divided by the counts, and what llama-quantize
//                                                                says of them in the metadata; of paths the last part
#include "llama.h"
#include "ggml.h"
#include "ggml-backend.h"
#include "gguf.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 4096

struct entry {
    char name[GGML_MAX_NAME];
    int64_t columns;
    int64_t count;
    double *sums;
};

static struct entry entries[MOST];
static int used;

static void quiet(enum ggml_log_level level, const char *text, void *user) {
    (void)user;
    if (level >= GGML_LOG_LEVEL_ERROR) fputs(text, stderr);
}

static void fail(const char *what) {
    fprintf(stderr, "%s failed\n", what);
    exit(1);
}

static struct entry *entry_of(const char *name, int64_t columns) {
    for (int i = 0; i < used; i++) {
        if (!strcmp(entries[i].name, name)) return &entries[i];
    }
    if (used == MOST) fail("too many tensors");
    struct entry *added = &entries[used++];
    snprintf(added->name, sizeof added->name, "%s", name);
    added->columns = columns;
    added->sums = calloc(columns, sizeof(double));
    return added;
}

static bool watch(struct ggml_tensor *t, bool ask, void *user) {
    (void)user;
    const struct ggml_tensor *weight = t->src[0], *input = t->src[1];
    bool wanted = t->op == GGML_OP_MUL_MAT && !strncmp(weight->name, "blk.", 4) && input->type == GGML_TYPE_F32;
    if (ask || !wanted) return ask ? wanted : true;
    struct entry *e = entry_of(weight->name, input->ne[0]);
    float *row = malloc(input->ne[0] * sizeof(float));
    for (int64_t r = 0; r < input->ne[1]; r++) {
        ggml_backend_tensor_get(input, row, r * input->nb[1], input->ne[0] * sizeof(float));
        for (int64_t c = 0; c < input->ne[0]; c++) e->sums[c] += (double)row[c] * row[c];
        e->count++;
    }
    free(row);
    return true;
}

static void save(const char *path, int chunk, int chunks) {
    size_t size = 0;
    for (int i = 0; i < used; i++) size += 2 * (ggml_tensor_overhead() + 64) + (entries[i].columns + 1) * sizeof(float);
    struct ggml_context *context = ggml_init((struct ggml_init_params){ .mem_size = size, .mem_buffer = NULL, .no_alloc = false });
    struct gguf_context *file = gguf_init_empty();
    const char *dataset = "tokens";
    gguf_set_val_str(file, "general.type", "imatrix");
    gguf_set_arr_str(file, "imatrix.datasets", &dataset, 1);
    gguf_set_val_u32(file, "imatrix.chunk_count", chunks);
    gguf_set_val_u32(file, "imatrix.chunk_size", chunk);
    for (int i = 0; i < used; i++) {
        struct ggml_tensor *sums = ggml_new_tensor_2d(context, GGML_TYPE_F32, entries[i].columns, 1);
        struct ggml_tensor *counts = ggml_new_tensor_2d(context, GGML_TYPE_F32, 1, 1);
        ggml_format_name(sums, "%s.in_sum2", entries[i].name);
        ggml_format_name(counts, "%s.counts", entries[i].name);
        for (int64_t c = 0; c < entries[i].columns; c++) ((float *)sums->data)[c] = (float)entries[i].sums[c];
        *(float *)counts->data = (float)entries[i].count;
        gguf_add_tensor(file, sums);
        gguf_add_tensor(file, counts);
    }
    if (!gguf_write_to_file(file, path, false)) fail("writing the matrix");
}

static void collect(char **argv) {
    FILE *input = fopen(argv[1], "rb");
    if (!input) fail("opening the tokens");
    static llama_token tokens[1 << 16];
    int count = (int)fread(tokens, sizeof *tokens, 1 << 16, input), chunk = atoi(argv[2]);
    fclose(input);

    struct llama_model_params model_params = llama_model_default_params();
    model_params.n_gpu_layers = 0;
    struct llama_model *model = llama_model_load_from_file(argv[0], model_params);
    if (!model) fail("loading the model");
    struct llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = chunk;
    params.n_threads = params.n_threads_batch = 1;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    params.type_k = params.type_v = GGML_TYPE_F32;
    params.cb_eval = watch;
    struct llama_context *context = llama_init_from_model(model, params);
    if (!context) fail("making the context");
    struct llama_batch batch = llama_batch_init(chunk, 0, 1);
    int chunks = count / chunk;
    for (int k = 0; k < chunks; k++) {
        llama_memory_clear(llama_get_memory(context), true);
        batch.n_tokens = chunk;
        for (int i = 0; i < chunk; i++) {
            batch.token[i] = i == 0 ? atoi(argv[3]) : tokens[k * chunk + i];
            batch.pos[i] = i;
            batch.n_seq_id[i] = 1;
            batch.seq_id[i][0] = 0;
            batch.logits[i] = 1;
        }
        if (llama_decode(context, batch)) fail("decoding");
    }
    save(argv[4], chunk, chunks);
}

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

// The overrides that tools/quantize adds for an importance matrix.
static void describe(struct llama_model_kv_override *o, struct gguf_context *file, const char *path, int found) {
    memset(o, 0, 5 * sizeof *o);
    strcpy(o[0].key, "quantize.imatrix.file");
    o[0].tag = LLAMA_KV_OVERRIDE_TYPE_STR;
    snprintf(o[0].val_str, sizeof o[0].val_str, "%s", last_part(path));
    strcpy(o[1].key, "quantize.imatrix.dataset");
    o[1].tag = LLAMA_KV_OVERRIDE_TYPE_STR;
    snprintf(o[1].val_str, sizeof o[1].val_str, "%s", last_part(gguf_get_arr_str(file, gguf_find_key(file, "imatrix.datasets"), 0)));
    strcpy(o[2].key, "quantize.imatrix.entries_count");
    o[2].tag = LLAMA_KV_OVERRIDE_TYPE_INT;
    o[2].val_i64 = found;
    strcpy(o[3].key, "quantize.imatrix.chunks_count");
    o[3].tag = LLAMA_KV_OVERRIDE_TYPE_INT;
    o[3].val_i64 = gguf_get_val_u32(file, gguf_find_key(file, "imatrix.chunk_count"));
}

static void quantize(char **argv) {
    struct ggml_context *data = NULL;
    struct gguf_context *file = gguf_init_from_file(argv[3], (struct gguf_init_params){ .no_alloc = false, .ctx = &data });
    if (!file) fail("opening the matrix");
    static struct llama_model_imatrix_data matrix[MOST + 1];
    int found = 0;
    for (struct ggml_tensor *t = ggml_get_first_tensor(data); t && found < MOST; t = ggml_get_next_tensor(data, t)) {
        size_t length = strlen(t->name), suffix = strlen(".in_sum2");
        if (length <= suffix || strcmp(t->name + length - suffix, ".in_sum2")) continue;
        char *name = malloc(GGML_MAX_NAME), counts[GGML_MAX_NAME + 8];
        snprintf(name, GGML_MAX_NAME, "%.*s", (int)(length - suffix), t->name);
        snprintf(counts, sizeof counts, "%s.counts", name);
        struct ggml_tensor *count = ggml_get_tensor(data, counts);
        if (!count || ggml_nelements(count) != 1 || t->type != GGML_TYPE_F32 || count->type != GGML_TYPE_F32) fail("reading the matrix");
        float *means = malloc(ggml_nbytes(t));
        float tokens = *(float *)count->data;
        for (int64_t i = 0; i < ggml_nelements(t); i++) means[i] = ((float *)t->data)[i] / tokens;
        matrix[found++] = (struct llama_model_imatrix_data){ name, means, ggml_nelements(t) };
    }
    struct llama_model_quantize_params params = llama_model_quantize_default_params();
    params.nthread = 1;
    params.ftype = atoi(argv[2]);
    params.imatrix = matrix;
    params.pure = argv[4] != NULL;
    struct llama_model_kv_override overrides[5];
    describe(overrides, file, argv[3], found);
    params.kv_overrides = overrides;
    if (llama_model_quantize(argv[0], argv[1], &params)) fail("quantizing");
    printf("%d\n", found);
}

int main(int argc, char **argv) {
    llama_log_set(quiet, NULL);
    ggml_backend_load_all_from_path(PEER_LIB_DIR);
    llama_backend_init();
    if (argc == 7 && !strcmp(argv[1], "collect")) collect(argv + 2);
    else if ((argc == 6 || (argc == 7 && !strcmp(argv[6], "--pure"))) && !strcmp(argv[1], "quantize")) quantize(argv + 2);
    else fail("usage");
    return 0;
}
