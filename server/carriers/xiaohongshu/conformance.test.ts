import { xiaohongshu as shop } from '../../../sandbox/testing.ts'
import { xiaohongshu } from '../../connectors/xiaohongshu/index.ts'
import { onSimulator } from '../conformance/simulator.ts'
import { xiaohongshuWaybills } from './index.ts'

onSimulator(xiaohongshuWaybills, xiaohongshu, shop, { takes: 'express.createEbillOrders' })
