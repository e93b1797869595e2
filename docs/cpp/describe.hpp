// What an exported file says of itself, printed. JSON is read by https://github.com/nlohmann/json.
#pragma once

#include <cstdint>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

// The shape of a sample, as it stands in the metadata.
inline std::vector<int64_t> shape_of(const nlohmann::json& said) { return said.at("input").at("shape"); }

inline void describe(const nlohmann::json& said) {
    const auto& input = said.at("input");
    std::cout << "input: " << input.at("name") << " " << input.at("shape") << " in " << input.at("units") << "\n";
    for (const auto& column : input.value("columns", nlohmann::json::array())) {
        std::cout << "column: " << column.at("name") << " in " << column.value("unit", nlohmann::json()) << "\n";
    }
    for (const auto& target : said.value("targets", nlohmann::json::array())) {
        std::cout << "target: " << target.at("name") << " in " << target.value("unit", nlohmann::json()) << "\n";
    }
    for (const auto& step : input.at("preprocessing")) {
        std::cout << "preprocessing: " << step << "\n";
    }
    std::cout << "classes: " << said.at("classes") << "\n";
    std::cout << "Lipschitz constant: " << said.at("lipschitz").at("proved") << "\n";
    std::cout << "radius: " << said.at("radius") << "\n";
    for (const auto& [of, digest] : said.at("digests").items()) {
        std::cout << "SHA-256 of " << of << ": " << digest.get<std::string>() << "\n";
    }
}
