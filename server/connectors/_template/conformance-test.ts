import { sharedNow } from '../../lib/clock.ts'
import { hourMs } from '../../lib/time.ts'
import { conformance, type Marketplace } from '../conformance/conformance.ts'
import { template } from './index.ts'
import { notWritten } from './not-written.ts'

// Tests run against a simulator in sandbox/template, or against the platform's own test environment.
for (const { id } of template.variants) conformance(template, () => marketplace(id))

function marketplace(variant: string): Marketplace {
  const file = 'conformance.test.ts'
  return {
    call: (own) => ({
      credentials: { appKey: 'key', appSecret: 'a secret of a test', gatewayUrl: 'http://127.0.0.1:9/api' },
      session: 'a session of a test',
      variant,
      ...own,
    }),
    window: { from: new Date(sharedNow().getTime() - hourMs), to: sharedNow() },
    tids: () =>
      notWritten(file, 'tids: every trade of the shop, by the marketplace’s own books; 60 are enough'),
    refundIds: () => notWritten(file, 'refundIds: every refund of the shop'),
    unknownStatus: () => notWritten(file, 'unknownStatus: gives a trade a status that nobody has heard of'),
    listings: () => notWritten(file, 'listings: every listing of the shop'),
    paidTrade: () => notWritten(file, 'paidTrade: makes a trade that waits to be shipped'),
    waybill: () => notWritten(file, 'waybill: a number that the courier may have given out'),
    shipments: () => notWritten(file, 'shipments: how often each line was taken for shipped'),
    callsNothing: false,
    callsForStock: 1,
    stockAtOnce: 1,
    knowsParcels: false,
    refundsAreFinal: false,
    takesAnyWaybill: false,
    callsForShip: 1,
    callsForChange: 1,
    memo: () => notWritten(file, 'memo: the note and the flag of a trade'),
    openRefund: () => notWritten(file, 'openRefund: applies for a refund of a trade'),
    sentBack: () => notWritten(file, 'sentBack: makes a refund whose goods are on their way back'),
    refundState: () => notWritten(file, 'refundState: how the books call the state of a refund'),
    failNext: () => notWritten(file, 'failNext: spoils the next call'),
    private: () => notWritten(file, 'private: secrets, and names and telephone numbers of buyers'),
  }
}
