// Reads what a LiteRT file says of itself, and asks it for a sample of zeros.
// Usage: litert MODEL.tflite
#include <litert/c/litert_common.h>
#include <litert/c/litert_compiled_model.h>
#include <litert/c/litert_environment.h>
#include <litert/c/litert_model.h>
#include <litert/c/litert_options.h>
#include <litert/c/litert_tensor_buffer.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <vector>

#include "describe.hpp"

static void check(LiteRtStatus status) {
    if (status != kLiteRtStatusOk) {
        std::cerr << "LiteRT's status " << status << "\n";
        std::exit(1);
    }
}

// A buffer of LiteRT for one tensor, and where its numbers are.
struct Buffer {
    LiteRtTensorBuffer handle = nullptr;
    void* numbers = nullptr;

    Buffer(LiteRtElementType type, const LiteRtLayout& layout) {
        const LiteRtRankedTensorType tensor{type, layout};
        size_t bytes = type == kLiteRtElementTypeBool ? 1 : 4;
        for (unsigned i = 0; i < layout.rank; ++i) {
            bytes *= static_cast<size_t>(layout.dimensions[i]);
        }
        numbers = std::aligned_alloc(64, (bytes + 63) / 64 * 64);
        check(LiteRtCreateTensorBufferFromHostMemory(&tensor, numbers, bytes, std::free, &handle));
    }
};

int main(int, char** arguments) {
    LiteRtEnvironment environment = nullptr;
    LiteRtModel model = nullptr;
    const void* content = nullptr;
    size_t length = 0;
    check(LiteRtCreateEnvironment(0, nullptr, &environment));
    check(LiteRtCreateModelFromFile(environment, arguments[1], &model));
    check(LiteRtGetModelMetadata(model, "lipbuild", &content, &length));
    const auto* text = static_cast<const char*>(content);
    const auto said = nlohmann::json::parse(text, text + length);
    describe(said);
    if (said.at("radius").is_null() || !said.at("outputs").contains("label")) {
        return 0;
    }

    LiteRtOptions options = nullptr;
    LiteRtCompiledModel compiled = nullptr;
    check(LiteRtCreateOptions(&options));
    check(LiteRtSetOptionsHardwareAccelerators(options, kLiteRtHwAcceleratorCpu));
    check(LiteRtCreateCompiledModel(environment, model, options, &compiled));
    LiteRtLayout shape{};
    shape.dimensions[0] = 1;
    unsigned rank = 1;
    for (int64_t n : shape_of(said)) {
        shape.dimensions[rank++] = static_cast<int32_t>(n);
    }
    shape.rank = rank;
    check(LiteRtCompiledModelResizeInputTensor(compiled, 0, 0, shape.dimensions, rank));

    LiteRtSignature signature = nullptr;
    LiteRtParamIndex count = 0;
    check(LiteRtGetModelSignature(model, 0, &signature));
    check(LiteRtGetNumSignatureOutputs(signature, &count));
    std::vector<LiteRtLayout> layouts(count);
    check(LiteRtGetCompiledModelOutputTensorLayouts(compiled, 0, count, layouts.data(), true));
    Buffer input(kLiteRtElementTypeFloat32, shape);
    size_t size = 1;
    for (unsigned i = 0; i < rank; ++i) {
        size *= static_cast<size_t>(shape.dimensions[i]);
    }
    std::fill_n(static_cast<float*>(input.numbers), size, 0.0F);
    std::vector<LiteRtTensorBuffer> handles;
    std::map<std::string, const void*> outputs;
    for (LiteRtParamIndex i = 0; i < count; ++i) {
        const char* name = nullptr;
        check(LiteRtGetSignatureOutputName(signature, i, &name));
        const std::string word = name;
        const bool truth = word == "certified" || word == "within_tolerance";
        const LiteRtElementType type = truth             ? kLiteRtElementTypeBool
                                       : word == "label" ? kLiteRtElementTypeInt32
                                                         : kLiteRtElementTypeFloat32;
        const Buffer output(type, layouts[i]);
        handles.push_back(output.handle);
        outputs[word] = output.numbers;
    }
    check(LiteRtRunCompiledModel(compiled, 0, 1, &input.handle, count, handles.data()));
    std::cout << "zeros: label " << *static_cast<const int32_t*>(outputs.at("label")) << ", radius "
              << *static_cast<const float*>(outputs.at("radius")) << ", certified "
              << *static_cast<const bool*>(outputs.at("certified")) << "\n";

    LiteRtDestroyTensorBuffer(input.handle);
    for (LiteRtTensorBuffer handle : handles) {
        LiteRtDestroyTensorBuffer(handle);
    }
    LiteRtDestroyCompiledModel(compiled);
    LiteRtDestroyOptions(options);
    LiteRtDestroyModel(model);
    LiteRtDestroyEnvironment(environment);
}
