import { weixin as shop } from '../../../sandbox/testing.ts'
import { weixin } from '../../connectors/weixin/index.ts'
import { onSimulator } from '../conformance/simulator.ts'
import { weixinWaybills } from './index.ts'

onSimulator(weixinWaybills, weixin, {
  shop,
  credentials: (url) => ({ appId: shop.appKey, appSecret: shop.appSecret, apiUrl: url }),
  tid: (nth) => `37051057339${String(nth).padStart(8, '0')}`,
  takes: 'logistics/ewaybill/biz/order/create',
  weighedBy: 'SF',
  hasNoAreas: true,
})
