"""The tables that scikit-learn ships."""

from lipbuild.config.sources.shipped import ShippedSpec


class BreastCancer(ShippedSpec):
    """569 tumours by 30 measurements, each mapped to [0, 1] over the data set; malignant 0, benign 1."""

    source_name = "breast_cancer"
    targets = "classes"
    shape = (30,)
    names = ("malignant", "benign")


class Wine(ShippedSpec):
    """178 wines by 13 measurements, each mapped to [0, 1] over the data set; 3 growers."""

    source_name = "wine"
    targets = "classes"
    shape = (13,)
    names = ("class_0", "class_1", "class_2")


class Iris(ShippedSpec):
    """150 irises by 4 lengths, each mapped to [0, 1] over the data set; 3 species."""

    source_name = "iris"
    targets = "classes"
    shape = (4,)
    names = ("setosa", "versicolor", "virginica")


class Diabetes(ShippedSpec):
    """442 patients by 10 measurements, progression after a year; measurements and target mapped to [0, 1]."""

    source_name = "diabetes"
    targets = "numbers"
    shape = (10,)


class Linnerud(ShippedSpec):
    """20 men by 3 exercises, and 3 measurements of their bodies to predict; all mapped to [0, 1]."""

    source_name = "linnerud"
    targets = "numbers"
    shape = (3,)
