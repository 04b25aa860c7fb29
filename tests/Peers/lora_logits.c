// lora_logits MODEL.gguf ADAPTER.gguf SCALE tokens.i32 out.f32: llama.cpp's logits at every position with an adapter, one thread, a cache in
// float32 and no flash attention. AdapterTests compiles it against the library of the peer.
#include "llama.h"
#include <stdio.h>
#include <stdlib.h>

static void quiet(enum ggml_log_level level, const char *text, void *user) {
    (void)user;
    if (level >= GGML_LOG_LEVEL_ERROR) fputs(text, stderr);
}

static void fail(const char *what) {
    fprintf(stderr, "%s failed\n", what);
    exit(1);
}

int main(int argc, char **argv) {
    if (argc != 6) fail("usage");
    llama_log_set(quiet, NULL);
    ggml_backend_load_all_from_path(PEER_LIB_DIR);
    llama_backend_init();

    FILE *input = fopen(argv[4], "rb");
    if (!input) fail("opening the tokens");
    llama_token tokens[4096];
    int count = (int)fread(tokens, sizeof *tokens, 4096, input);
    fclose(input);

    struct llama_model_params model_params = llama_model_default_params();
    model_params.n_gpu_layers = 0;
    struct llama_model *model = llama_model_load_from_file(argv[1], model_params);
    if (!model) fail("loading the model");
    struct llama_adapter_lora *adapter = llama_adapter_lora_init(model, argv[2]);
    if (!adapter) fail("loading the adapter");

    struct llama_context_params params = llama_context_default_params();
    params.n_ctx = 4096;
    params.n_threads = params.n_threads_batch = 1;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    params.type_k = params.type_v = GGML_TYPE_F32;
    struct llama_context *context = llama_init_from_model(model, params);
    float scale = (float)atof(argv[3]);
    if (!context || llama_set_adapters_lora(context, &adapter, 1, &scale)) fail("setting the adapter");

    struct llama_batch batch = llama_batch_init(count, 0, 1);
    batch.n_tokens = count;
    for (int i = 0; i < count; i++) {
        batch.token[i] = tokens[i];
        batch.pos[i] = i;
        batch.n_seq_id[i] = 1;
        batch.seq_id[i][0] = 0;
        batch.logits[i] = 1;
    }
    if (llama_decode(context, batch)) fail("decoding");

    FILE *output = fopen(argv[5], "wb");
    if (!output) fail("opening the output");
    int vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(model));
    for (int i = 0; i < count; i++) fwrite(llama_get_logits_ith(context, i), sizeof(float), vocabulary, output);
    fclose(output);
    llama_batch_free(batch);
    llama_free(context);
    llama_model_free(model);
    return 0;
}
