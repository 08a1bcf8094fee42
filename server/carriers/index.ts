import { cainiao } from './cainiao/index.ts'
import type { WaybillSource } from './carrier.ts'
import { doudianWaybills } from './doudian/index.ts'
import { kuaidi100 } from './kuaidi100/index.ts'
import { kuaidi100Tracking } from './kuaidi100/tracking.ts'
import { kuaishouWaybills } from './kuaishou/index.ts'
import { pinduoduoWaybills } from './pinduoduo/index.ts'
import type { TrackingSource } from './tracking-source.ts'
import { weixinWaybills } from './weixin/index.ts'
import { xiaohongshuWaybills } from './xiaohongshu/index.ts'

/** The sources of waybill numbers: one line each. */
export const waybillSources: readonly WaybillSource[] = [
  cainiao,
  pinduoduoWaybills,
  doudianWaybills,
  weixinWaybills,
  kuaishouWaybills,
  xiaohongshuWaybills,
  kuaidi100,
]

/** The systems that follow parcels for accounts of waybill numbers: one line each. */
export const trackingSources: readonly TrackingSource[] = [kuaidi100Tracking]
