// The part of ONNX Runtime's C API that the example calls, for machines without its headers. A function is known by its
// place in `OrtApi`, which no version changes.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define ORT_API_VERSION 16

struct OrtAllocator;
struct OrtEnv;
struct OrtMemoryInfo;
struct OrtModelMetadata;
struct OrtRunOptions;
struct OrtSession;
struct OrtSessionOptions;
struct OrtStatus;
struct OrtValue;

enum OrtLoggingLevel { ORT_LOGGING_LEVEL_WARNING = 2 };
enum OrtAllocatorType { OrtArenaAllocator = 1 };
enum OrtMemType { OrtMemTypeDefault = 0 };
enum ONNXTensorElementDataType { ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT = 1 };

struct OrtApi {
    void* from_0[2];
    const char* (*GetErrorMessage)(const OrtStatus*);  // 2
    OrtStatus* (*CreateEnv)(OrtLoggingLevel, const char* name, OrtEnv**);
    void* from_4[3];
    OrtStatus* (*CreateSession)(const OrtEnv*, const char* path, const OrtSessionOptions*, OrtSession**);  // 7
    void* from_8[1];
    OrtStatus* (*Run)(OrtSession*, const OrtRunOptions*, const char* const* inputs, const OrtValue* const* values,
                      size_t, const char* const* outputs, size_t, OrtValue** results);  // 9
    OrtStatus* (*CreateSessionOptions)(OrtSessionOptions**);
    void* from_11[38];
    OrtStatus* (*CreateTensorWithDataAsOrtValue)(const OrtMemoryInfo*, void*, size_t bytes, const int64_t* shape,
                                                 size_t rank, ONNXTensorElementDataType, OrtValue**);  // 49
    void* from_50[1];
    OrtStatus* (*GetTensorMutableData)(OrtValue*, void**);  // 51
    void* from_52[17];
    OrtStatus* (*CreateCpuMemoryInfo)(OrtAllocatorType, OrtMemType, OrtMemoryInfo**);  // 69
    void* from_70[6];
    OrtStatus* (*AllocatorFree)(OrtAllocator*, void*);  // 76
    void* from_77[1];
    OrtStatus* (*GetAllocatorWithDefaultOptions)(OrtAllocator**);  // 78
    void* from_79[13];
    void (*ReleaseEnv)(OrtEnv*);  // 92
    void* from_93[1];
    void (*ReleaseMemoryInfo)(OrtMemoryInfo*);  // 94
    void (*ReleaseSession)(OrtSession*);
    void (*ReleaseValue)(OrtValue*);
    void* from_97[3];
    void (*ReleaseSessionOptions)(OrtSessionOptions*);  // 100
    void* from_101[10];
    OrtStatus* (*SessionGetModelMetadata)(const OrtSession*, OrtModelMetadata**);  // 111
    void* from_112[4];
    OrtStatus* (*ModelMetadataLookupCustomMetadataMap)(const OrtModelMetadata*, OrtAllocator*, const char* key,
                                                       char** value);  // 116
    void* from_117[1];
    void (*ReleaseModelMetadata)(OrtModelMetadata*);  // 118
};

struct OrtApiBase {
    const OrtApi* (*GetApi)(uint32_t version);
    const char* (*GetVersionString)();
};

extern "C" const OrtApiBase* OrtGetApiBase();
