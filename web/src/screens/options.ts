// The closed lists of the forms. A value that api/ adds or drops stops the build here.
import type * as wire from "gen/api";
import { word } from "../lang";
import { state } from "../store";

const keysOf = <K extends string>(all: Record<K, 1>): K[] => Object.keys(all) as K[];
/** The values of a list with their words in the reader's language. */
export const options = (list: string, values: string[]): [string, string][] => values.map((v) => [v, word(list, v)]);

export const SETTLE_REASONS = keysOf<wire.CallSettleBody["reason"]>({ advice: 1, misdial: 1, silent: 1, nuisance: 1, repeat: 1 });
export const CHANNELS = keysOf<wire.CallReceiveBody["channel"]>({ phone: 1, text: 1, app: 1, three_way: 1, alarm: 1, walk_in: 1, patrol: 1 });
export const CLASSIFY_REASONS = keysOf<wire.IncidentClassifyBody["reason"]>({ on_scene: 1, caller_update: 1, review: 1, entry_error: 1 });
export const GRAVITIES = keysOf<wire.IncidentOpenBody["gravity"]>({ ordinary: 1, complex: 1, major: 1 });
export const REFERRAL_TARGETS = keysOf<wire.IncidentReferBody["to"]>({ hotline_12345: 1, fire_119: 1, ambulance_120: 1, traffic_122: 1, gas: 1, power: 1, water: 1, other_agency: 1 });
export const REFERRAL_REASONS = keysOf<wire.IncidentReferBody["reason"]>({ not_police: 1, other_area: 1, specialist: 1 });
export const RESULTS = keysOf<wire.IncidentCloseBody["result"]>({ handled: 1, no_trace: 1, false_alarm: 1, advice: 1, withdrawn: 1 });
export const REPORT_RESULTS = keysOf<wire.OrderReportBody["result"]>({ handled: 1, no_trace: 1, false_alarm: 1, handed_over: 1 });
export const CANCEL_REASONS = keysOf<wire.OrderCancelBody["reason"]>({ not_needed: 1, nearer_unit: 1, unit_failed: 1, entry_error: 1 });
export const DIVERT_REASONS = keysOf<wire.OrderDivertBody["reason"]>({ more_urgent: 1, nearer_unit: 1 });
export const UNAVAILABLE_REASONS = keysOf<wire.UnitUnavailableBody["reason"]>({ refuelling: 1, meal: 1, paperwork: 1, vehicle_fault: 1, training: 1, escort: 1 });

/** Does the reader hold one of these roles? Deeds that are not theirs are not offered; the server decides in any case. */
export const may = (...roles: string[]): boolean => roles.some((r) => state.session?.roles.includes(r));
export const mayLead = (): boolean => may("dispatcher", "commander");
