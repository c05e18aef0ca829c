"""What devices of the profiled kinds would send, by profile: their entries, and what the channels then are."""

import pytest
from modbus_registers import HOLDING, INPUT, registers, words

EXAMPLES = {
    "banner-qm30vt2": (
        # 45201 to 45222, as a sensor sends them; 1.5 g are 14.71 m/s2
        {
            HOLDING: registers(
                (
                    5200,
                    [
                        46,
                        1170,
                        7733,
                        2518,
                        50,
                        1270,
                        1500,
                        900,
                        297,
                        594,
                        420,
                        310,
                        2900,
                        3050,
                        3571,
                        2903,
                        70,
                        1778,
                        80,
                        2032,
                        130,
                        95,
                    ],
                )
            )
        },
        {
            "z_velocity": 1.17,
            "x_velocity": 1.27,
            "temperature": 25.18,
            "z_peak_acceleration": 14.709975,
            "x_peak_frequency": 59.4,
            "z_kurtosis": 2.9,
            "x_crest_factor": 2.903,
            "x_peak_velocity": 2.032,
            "z_high_frequency_acceleration": 1.2748645,
        },
    ),
    "danfoss-vlt": (
        {
            HOLDING: registers(
                (16029, [0x0F07]),
                (16099, words("i", 745)),
                (16119, [3987]),
                (16129, [498]),
                (16139, words("i", 1435)),
                (16169, words("i", -1450)),
                (16179, [63]),
                (16299, [562]),
                (16339, [41]),
                (16899, words("I", 0x80000020)),
                (16919, [0, 0]),
            )
        },
        {
            "power": 7.45,
            "motor_voltage": 398.7,
            "frequency": 49.8,
            "current": 14.35,
            "speed": -1450,
            "thermal_load": 63,
            "dc_link_voltage": 562,
            "heatsink_temperature": 41,
            "alarm_word": 0x80000020,
            "warning_word": 0,
        },
    ),
    "eastron-sdm120": (
        {
            INPUT: registers(
                (0, [*words("f", 230.5), *[0] * 4, *words("f", 2.25), *[0] * 4, *words("f", -500.0), *[0] * 4]),
                (18, [*words("f", 512.0), *[0] * 4, *words("f", -110.5), *[0] * 4, *words("f", -0.975)]),
                (70, words("5f", 50.0, 1234.5, 0.5, 12.0, 13.0)),
                (342, words("2f", 1235.0, 25.0)),
            )
        },
        {
            "voltage": 230.5,
            "current": 2.25,
            "power": -500.0,
            "apparent_power": 512.0,
            "reactive_power": -110.5,
            "power_factor": pytest.approx(-0.975, rel=1e-6),
            "frequency": 50.0,
            "energy_import": 1234.5,
            "reactive_energy_export": 13.0,
            "energy": 1235.0,
            "reactive_energy": 25.0,
        },
    ),
    "eastron-sdm630": (
        {
            INPUT: registers(
                (0, words("9f", 230.0, 231.0, 229.5, 1.5, 1.25, 1.0, 340.0, 280.0, 220.0)),
                (18, words("9f", 345.0, 288.0, 229.0, 58.0, 66.0, 64.0, 0.5, 0.75, 1.0)),
                (36, [0] * 34),
                (42, [*words("f", 230.125), 0, 0, *words("f", 1.25), 0, 0, 0, 0, *words("f", 840.0)]),
                (56, [*words("f", 862.0), 0, 0, *words("2f", 188.0, 0.96875)]),
                (70, words("3f", 49.5, 4711.0, 8.5)),
                (342, words("f", 4719.5)),
            )
        },
        {
            "voltage_l1": 230.0,
            "voltage_l3": 229.5,
            "current_l2": 1.25,
            "power_l3": 220.0,
            "apparent_power_l1": 345.0,
            "reactive_power_l3": 64.0,
            "power_factor_l2": 0.75,
            "voltage": 230.125,
            "current": 1.25,
            "power": 840.0,
            "apparent_power": 862.0,
            "reactive_power": 188.0,
            "power_factor": 0.96875,
            "frequency": 49.5,
            "energy_import": 4711.0,
            "energy_export": 8.5,
            "energy": 4719.5,
        },
    ),
    "grundfos-booster": (
        {
            HOLDING: registers(
                (400, [0b011, 0, *words("I", 70001), 9500, 52, 310, 32815, 2, 0]),
                (410, [0b101, 57, *words("I", 12), 0, 0, 0, 0xFFFF, 2, 0]),
                (420, [0xFFFF] * 9),
            )
        },
        {
            "pump1_on": 1,
            "pump1_fault": 0,
            "pump1_operating_hours": 70001,
            "pump1_speed": 95.0,
            "pump1_current": 5.2,
            "pump1_power": 3100,
            "pump1_motor_temperature": pytest.approx(55.0),
            "pump2_fault": 1,
            "pump2_alarm_code": 57,
            "pump2_motor_temperature": "not available (code 65535)",
            "pump3_speed": "not available (code 65535)",
            "pump3_operating_hours": "not available (code 4294967295)",
        },
    ),
    "grundfos-cim": (
        {
            HOLDING: registers(
                (20, [0] * 6 + words("I", 123456)),
                (200, [0b1000_0111_0100_0000, 0, 6, 0, 57, 0, 0, 0]),
                (300, [452, 123, 5500, 2510, 418, 0xFFFF, 0xFFFF, 6000, 21, 3200, 0, *words("I", 70001), 0, 0]),
                (315, [0xFFFF] * 5 + [31315, 33315, 0, 0, 0, 0, *words("I", 43210), *words("I", 50000), 0]),
                (331, [*words("I", 99999), *words("I", 321), 0, 0, 0, 451, 1234, *[0] * 18]),
            )
        },
        {
            "running": 1,
            "remote": 1,
            "on": 1,
            "fault": 1,
            "warning": 0,
            "at_min_speed": 1,
            "control_mode": 6,
            "operation_mode": 0,
            "alarm_code": 57,
            "head": 0.452,
            "flow": pytest.approx(12.3),
            "performance": 55.0,
            "speed": 2510,
            "frequency": pytest.approx(41.8),
            "setpoint": 60.0,
            "motor_current": pytest.approx(2.1),
            "power": 70001,
            "electronics_temperature": pytest.approx(40.0),
            "liquid_temperature": pytest.approx(60.0),
            "operating_hours": 43210,
            "powered_hours": 50000,
            "energy": 99999,
            "starts": 321,
            "differential_pressure": 0.451,
            "feedback_pressure": 1.234,
            "genibus_answers": 123456,
        },
    ),
    "invertek-optidrive-e3": (
        {HOLDING: registers((5, [0x0103, 502, 31, 0, 145]), (19, [1000, 250, 500, 565, 42, *[0] * 9, 1234]))},
        {
            "status": 1,
            "fault_code": 3,
            "frequency": pytest.approx(50.2),
            "current": pytest.approx(3.1),
            "power": 1.45,
            "analog_input_1": 100.0,
            "speed_reference": 50.0,
            "dc_link_voltage": 565,
            "heatsink_temperature": 42,
            "running_hours": 1234,
        },
    ),
    "invertek-optidrive-eco": (
        {HOLDING: registers((5, [0x0342, 123, 105, 474, 1100]), (19, [1000, 0, 500, 560, 38, *[0] * 9, 99]))},
        {
            "running": 0,
            "tripped": 1,
            "ready": 1,
            "fault_code": 3,
            "frequency": pytest.approx(12.3),  # these four are the guide's own examples
            "current": 10.5,
            "torque": pytest.approx(47.4),
            "power": 11.0,
            "heatsink_temperature": 38,
            "running_hours": 99,
        },
    ),
    "keller-30x": (
        {HOLDING: registers((0, words("6f", 0.0, 0.965, float("nan"), 21.5, 22.25, float("nan"))))},
        {"p1": pytest.approx(0.965), "temperature": 21.5, "tob1": 22.25, "calculated": 0.0},
    ),
    "schneider-iem3000": (
        {
            HOLDING: registers(
                (2999, [*words("3f", 5.5, 6.25, 7.0), *[0] * 4, *words("f", 6.25)]),
                (
                    3019,
                    [
                        *words("3f", 400.5, 401.0, 399.5),
                        0,
                        0,
                        *words("3f", 231.0, 231.5, 230.5),
                        0,
                        0,
                        *words("f", 231.0),
                    ],
                ),
                (3053, [*words("4f", 1.25, 1.5, 1.75, 4.5), *[0] * 6, *words("f", 0.5), *[0] * 6, *words("f", 4.625)]),
                (3109, words("f", 50.0)),
                (3203, [*words("2q", 123_456_789, 1000), *[0] * 8, *words("2q", 5000, 6000)]),
                (3517, words("3q", 1000, 2000, 3000)),
            )
        },
        {
            "current_l1": 5.5,
            "current": 6.25,
            "voltage_l3_l1": 399.5,
            "voltage_l2": 231.5,
            "power_l3": 1.75,
            "power": 4.5,
            "reactive_power": 0.5,
            "apparent_power": 4.625,
            "frequency": 50.0,
            "energy_import": 123456.789,
            "energy_export": 1.0,
            "reactive_energy_export": 6.0,
            "energy_import_l3": 3.0,
        },
    ),
    "tuf-2000m": (
        {
            HOLDING: registers(
                (0, [0x0000, 0x4264, 0, 0, 0x0000, 0xBF00, 0x4000, 0x44B9]),  # 00 00 42 64 is 57.0, read from a meter
                (8, [0] * 24),
                (32, [0x0000, 0x41A0, 0x0000, 0x41C8]),
                (71, [0x0008]),
                (91, [0x5255, 1600, 1590]),
                (112, [0x0000, 0x42C8, 0x0000, 0x42CA, 0x0000, 0x3F80]),
            )
        },
        {
            "flow": 57.0,
            "velocity": -0.5,
            "sound_speed": 1482.0,
            "temperature_inlet": 20.0,
            "temperature_outlet": 25.0,
            "error_code": 8,
            "signal_quality": 85,
            "signal_upstream": 1600,
            "signal_downstream": 1590,
            "total_net": 100.0,
            "total_positive": 101.0,
            "total_negative": 1.0,
        },
    ),
}
