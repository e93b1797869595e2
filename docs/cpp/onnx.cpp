// Reads what an ONNX file says of itself, and asks it for a sample of zeros.
// Usage: onnx MODEL.onnx
#include <onnxruntime_c_api.h>

#include <array>
#include <cstdlib>
#include <iostream>
#include <vector>

#include "describe.hpp"

static const OrtApi* ort = OrtGetApiBase()->GetApi(ORT_API_VERSION);

static void check(OrtStatus* status) {
    if (status != nullptr) {
        std::cerr << ort->GetErrorMessage(status) << "\n";
        std::exit(1);
    }
}

// The value of one key of `metadata_props`; null if the file has no such key.
static nlohmann::json property(const OrtModelMetadata* metadata, OrtAllocator* allocator, const std::string& key) {
    char* text = nullptr;
    check(ort->ModelMetadataLookupCustomMetadataMap(metadata, allocator, ("lipbuild." + key).c_str(), &text));
    if (text == nullptr) {
        return nullptr;
    }
    auto value = nlohmann::json::parse(text);
    check(ort->AllocatorFree(allocator, text));
    return value;
}

int main(int, char** arguments) {
    OrtEnv* environment = nullptr;
    OrtSessionOptions* options = nullptr;
    OrtSession* session = nullptr;
    OrtModelMetadata* metadata = nullptr;
    OrtAllocator* allocator = nullptr;
    check(ort->CreateEnv(ORT_LOGGING_LEVEL_WARNING, "example", &environment));
    check(ort->CreateSessionOptions(&options));
    check(ort->CreateSession(environment, arguments[1], options, &session));
    check(ort->SessionGetModelMetadata(session, &metadata));
    check(ort->GetAllocatorWithDefaultOptions(&allocator));
    nlohmann::json said;
    for (const char* key : {"input", "outputs", "classes", "targets", "lipschitz", "radius", "digests"}) {
        if (auto value = property(metadata, allocator, key); !value.is_null() || key == std::string("radius")) {
            said[key] = value;
        }
    }
    describe(said);
    if (said.at("radius").is_null() || !said.at("outputs").contains("label")) {
        return 0;
    }

    auto shape = shape_of(said);
    shape.insert(shape.begin(), 1);
    size_t size = 1;
    for (int64_t n : shape) {
        size *= static_cast<size_t>(n);
    }
    std::vector<float> sample(size, 0.0F);
    OrtMemoryInfo* memory = nullptr;
    OrtValue* input = nullptr;
    check(ort->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory));
    check(ort->CreateTensorWithDataAsOrtValue(memory, sample.data(), size * sizeof(float), shape.data(), shape.size(),
                                              ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &input));
    const std::string name = said.at("input").at("name");
    const std::array<const char*, 1> inputs{name.c_str()};
    const std::array<const char*, 3> outputs{"label", "radius", "certified"};
    std::array<OrtValue*, 3> results{};
    check(ort->Run(session, nullptr, inputs.data(), &input, 1, outputs.data(), outputs.size(), results.data()));
    std::array<void*, 3> data{};
    for (size_t i = 0; i < results.size(); ++i) {
        check(ort->GetTensorMutableData(results[i], &data[i]));
    }
    std::cout << "zeros: label " << *static_cast<int32_t*>(data[0]) << ", radius " << *static_cast<float*>(data[1])
              << ", certified " << *static_cast<bool*>(data[2]) << "\n";

    for (OrtValue* result : results) {
        ort->ReleaseValue(result);
    }
    ort->ReleaseValue(input);
    ort->ReleaseMemoryInfo(memory);
    ort->ReleaseModelMetadata(metadata);
    ort->ReleaseSession(session);
    ort->ReleaseSessionOptions(options);
    ort->ReleaseEnv(environment);
}
