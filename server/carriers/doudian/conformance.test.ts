import { doudian as shop } from '../../../sandbox/testing.ts'
import { doudian } from '../../connectors/doudian/index.ts'
import { onSimulator } from '../conformance/simulator.ts'
import { doudianWaybills } from './index.ts'

onSimulator(doudianWaybills, doudian, shop, {
  takes: 'logistics.newCreateOrder',
  hasCod: true,
  weighedBy: 'SF',
  refusesSingly: true,
})
