import { kuaishou as own } from '../../../sandbox/testing.ts'
import { kuaishou } from '../../connectors/kuaishou/index.ts'
import { onSimulator } from '../conformance/simulator.ts'
import { kuaishouWaybills } from './index.ts'

// The form of the demo fills both secrets alike.
const { signSecret: _own, ...shop } = own

onSimulator(kuaishouWaybills, kuaishou, shop, { takes: 'open.express.ebill.get', refusesSingly: true })
