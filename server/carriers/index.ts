import { cainiao } from './cainiao/index.ts'
import type { WaybillSource } from './carrier.ts'
import { kuaidi100 } from './kuaidi100/index.ts'
import { pinduoduoWaybills } from './pinduoduo/index.ts'

/** The sources of waybill numbers: one line each. */
export const waybillSources: readonly WaybillSource[] = [cainiao, pinduoduoWaybills, kuaidi100]
