import { weixin as shop } from '../../../sandbox/testing.ts'
import { weixin } from '../../connectors/weixin/index.ts'
import { onSimulator } from '../conformance/simulator.ts'
import { weixinWaybills } from './index.ts'

onSimulator(weixinWaybills, weixin, shop, {
  takes: 'logistics/ewaybill/biz/order/create',
  weighedBy: 'SF',
  hasNoAreas: true,
})
