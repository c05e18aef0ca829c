"""What a second document says of the registers in the profiles, as it says it: by profile and channel.

`FRAMES` are addresses in the frame, `SCALES` by what numbers are multiplied, where a document gives that.
"""

MBMD_SDM630 = {
    "voltage_l1": 0x0000, "voltage_l2": 0x0002, "voltage_l3": 0x0004, "current_l1": 0x0006, "current_l2": 0x0008,
    "current_l3": 0x000A, "power_l1": 0x000C, "power_l2": 0x000E, "power_l3": 0x0010, "power": 0x0034,
    "apparent_power": 0x0038, "reactive_power": 0x003C, "energy_import": 0x0048, "energy_export": 0x004A,
    "energy": 0x0156, "power_factor_l1": 0x001E, "power_factor_l2": 0x0020, "power_factor_l3": 0x0022,
    "power_factor": 0x003E, "frequency": 0x0046,
}  # fmt: skip
MBMD_SDM120 = {
    "voltage": 0x0000, "current": 0x0006, "power": 0x000C, "apparent_power": 0x0012, "reactive_power": 0x0018,
    "power_factor": 0x001E, "frequency": 0x0046, "energy_import": 0x0048, "energy_export": 0x004A,
    "reactive_energy_import": 0x004C, "reactive_energy_export": 0x004E, "energy": 0x0156, "reactive_energy": 0x0158,
}  # fmt: skip
MBMD_IEM3000 = {
    "voltage_l1": 0x0BD3, "voltage_l2": 0x0BD5, "voltage_l3": 0x0BD7, "voltage": 0x0BDB, "current_l1": 0x0BB7,
    "current_l2": 0x0BB9, "current_l3": 0x0BBB, "current": 0x0BC1, "power_l1": 0x0BED, "power_l2": 0x0BEF,
    "power_l3": 0x0BF1, "power": 0x0BF3, "reactive_power": 0x0BFB, "apparent_power": 0x0C03, "frequency": 0x0C25,
    "energy_import": 0x0C83, "energy_import_l1": 0x0DBD, "energy_import_l2": 0x0DC1, "energy_import_l3": 0x0DC5,
    "energy_export": 0x0C87, "reactive_energy_import": 0x0C93, "reactive_energy_export": 0x0C97,
}  # fmt: skip
STARKEST_E3 = {
    "frequency": 6, "current": 7, "power": 9, "analog_input_1": 19, "analog_input_2": 20, "speed_reference": 21,
    "dc_link_voltage": 22, "heatsink_temperature": 23, "running_hours": 33,
}  # fmt: skip
GOLIOTH_QM30VT2 = [
    "", "z_velocity", "", "temperature", "", "x_velocity", "z_peak_acceleration", "x_peak_acceleration",
    "z_peak_frequency", "x_peak_frequency", "z_acceleration", "x_acceleration", "z_kurtosis", "x_kurtosis",
    "z_crest_factor", "x_crest_factor", "", "z_peak_velocity", "", "x_peak_velocity", "z_high_frequency_acceleration",
    "x_high_frequency_acceleration",
]  # fmt: skip

FRAMES = {
    "eastron-sdm630": MBMD_SDM630,
    "eastron-sdm120": MBMD_SDM120,
    "schneider-iem3000": MBMD_IEM3000,
    "keller-30x": {"calculated": 0, "p1": 2, "p2": 4, "temperature": 6, "tob1": 8, "tob2": 10},  # star.ke.st
    "invertek-optidrive-e3": STARKEST_E3,
    "banner-qm30vt2": {name: 5200 + n for n, name in enumerate(GOLIOTH_QM30VT2) if name},
    "danfoss-vlt": {  # the FC 102 table of Xylem
        "status_word": 16029, "frequency": 16129, "current": 16139, "thermal_load": 16179, "dc_link_voltage": 16299,
        "alarm_word": 16899, "warning_word": 16919,
    },
    "tuf-2000m": {  # numbers of the ESP32 project and of igrowing/tuf2000, each less one
        "flow": 1 - 1, "velocity": 5 - 1, "error_code": 72 - 1, "signal_quality": 92 - 1, "signal_upstream": 93 - 1,
        "signal_downstream": 94 - 1, "total_net": 113 - 1, "total_positive": 115 - 1, "total_negative": 117 - 1,
    },
    "grundfos-cim": {  # homebridge-grundfos-cim500, less one as it does
        "speed": 304 - 1, "frequency": 305 - 1, "setpoint": 308 - 1, "motor_current": 309 - 1, "power": 312 - 1,
        "feedback_pressure": 340 - 1, "alarm_code": 205 - 1, "warning_code": 206 - 1, "remote": 201 - 1, "on": 201 - 1,
    },
}  # fmt: skip
SCALES = {
    "invertek-optidrive-e3": {"frequency": 0.1, "current": 0.1, "power": 0.01, "analog_input_1": 0.1},
    "danfoss-vlt": {"frequency": 0.1, "current": 0.01, "dc_link_voltage": 1},
    "grundfos-cim": {"speed": 1, "frequency": 0.1, "setpoint": 0.01, "motor_current": 0.1, "feedback_pressure": 0.001},
    "banner-qm30vt2": {
        "z_velocity": 1 / 1000, "temperature": 1 / 100, "z_peak_frequency": 1 / 10, "z_acceleration": 9.80665 / 1000,
        "z_kurtosis": 1 / 1000, "x_crest_factor": 1 / 1000, "x_peak_velocity": 1 / 1000,
    },
}  # fmt: skip
BITS = {"grundfos-cim": {"remote": 8, "on": 9, "fault": 10, "warning": 11, "at_max_speed": 13, "at_min_speed": 15}}
