import { cainiao } from './cainiao/index.ts'
import type { WaybillSource } from './carrier.ts'

/** The sources of waybill numbers: one line each. */
export const waybillSources: readonly WaybillSource[] = [cainiao]
