"""The columns of a ledger: what they are called, and how what stands in them is written. Pure."""

from collections.abc import Mapping

from app.catalogue.forms import USE_FIELD, FormField, InputType, Use
from app.kit.i18n import LazyString, lazy

NAME, REGION, QUANTITY, DELIVERY, SERVICE = (
    "instrument_name", "use_region_code", "quantity", "delivery", "service_code",
)  # fmt: skip
MODES = ("station", "onsite")
LONGEST_INTERVAL = 240
FIELDS: tuple[FormField, ...] = (
    FormField(NAME, "器具名称", "Instrument name", InputType.TEXT, True),
    FormField("model_spec", "型号规格", "Model / specification", InputType.TEXT, False),
    FormField("measuring_range", "测量范围", "Measuring range", InputType.TEXT, False),
    FormField("accuracy_class", "准确度等级", "Accuracy class", InputType.TEXT, False),
    FormField("serial_no", "出厂编号", "Serial number", InputType.TEXT, False),
    FormField("manufacturer", "生产厂家", "Manufacturer", InputType.TEXT, False),
    FormField("install_location", "使用地点", "Place of use", InputType.TEXT, False),
    FormField(REGION, "行政区划", "Division", InputType.REGION, False),
    FormField(QUANTITY, "数量", "Quantity", InputType.INTEGER, False, minimum=1),
    FormField(USE_FIELD, "用途", "Use", InputType.ENUM, False, options=tuple(Use)),
    FormField(DELIVERY, "送检方式", "How it is verified", InputType.ENUM, False, options=MODES),
)
"""The columns of the national e-CQS ledger, in its order."""
MORE: tuple[FormField, ...] = (
    FormField(SERVICE, "服务项目", "Service", InputType.TEXT, False),
    FormField("interval_months", "检定周期（月）", "Interval (months)", InputType.INTEGER, False, minimum=1),
    FormField("last_cert_no", "上次证书编号", "Last certificate no.", InputType.TEXT, False),
    FormField("last_cert_date", "上次检定日期", "Last verified on", InputType.DATE, False),
    FormField("valid_until", "有效期至", "Valid until", InputType.DATE, False),
    FormField("ecqs_record_no", "备案号", "Filing number", InputType.TEXT, False),
)
"""What this ledger keeps beside them; columns of a file that may be left out."""
ALL = FIELDS + MORE
BY_KEY: Mapping[str, FormField] = {field.key: field for field in ALL}
USES: Mapping[str, LazyString] = {
    Use.TRADE_SETTLEMENT: lazy("Trade settlement"),
    Use.SAFETY_PROTECTION: lazy("Safety protection"),
    Use.MEDICAL: lazy("Medical care"),
    Use.ENVIRONMENT: lazy("Environmental monitoring"),
    Use.OTHER: lazy("Other use"),
}
DELIVERIES: Mapping[str, LazyString] = {"station": lazy("Brought to the station"), "onsite": lazy("On site")}
WRITTEN: Mapping[str, Mapping[str, str]] = {
    USE_FIELD: {
        "贸易结算": Use.TRADE_SETTLEMENT, "安全防护": Use.SAFETY_PROTECTION,
        "医疗卫生": Use.MEDICAL, "医疗": Use.MEDICAL, "环境监测": Use.ENVIRONMENT,
        "其他": Use.OTHER, "其它": Use.OTHER, "其他用途": Use.OTHER,
        "tradesettlement": Use.TRADE_SETTLEMENT, "safetyprotection": Use.SAFETY_PROTECTION, "medicalcare": Use.MEDICAL,
        "environmentalmonitoring": Use.ENVIRONMENT, "otheruse": Use.OTHER,
    },
    DELIVERY: {
        "送检": "station", "送检到站": "station", "送站检定": "station", "送样": "station", "自送": "station",
        "现场": "onsite", "现场检定": "onsite", "现场检测": "onsite", "上门": "onsite",
        "上门检定": "onsite", "下厂": "onsite", "下厂检定": "onsite",
        "broughttothestation": "station", "onsite": "onsite",
    },
}  # fmt: skip
"""How uses and ways are written in files, without blanks and in small letters."""
HEADED: Mapping[str, Mapping[str, str]] = {
    USE_FIELD: {
        Use.TRADE_SETTLEMENT: "贸易结算", Use.SAFETY_PROTECTION: "安全防护", Use.MEDICAL: "医疗卫生",
        Use.ENVIRONMENT: "环境监测", Use.OTHER: "其他",
    },
    DELIVERY: {"station": "送检", "onsite": "现场检定"},
}  # fmt: skip
"""As the national ledger writes them."""
