import { aMall, mallBooks } from '../../../sandbox/testing.ts'
import { onSimulator } from '../conformance/simulator.ts'
import { sheetshop } from './index.ts'

onSimulator(sheetshop, [
  {
    shop: aMall,
    credentials: () => ({ channel: '社区团购' }),
    tid: (nth) => `7400${String(nth).padStart(10, '0')}`,
    linesOfTrade: 2,
    unknownStatus: { garbage: { status: '"teleported"' }, word: 'teleported' },
    books: mallBooks,
    callsNothing: true,
    takesNoSerials: true,
    takesAnyWaybill: true,
  },
])
