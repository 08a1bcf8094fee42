import { waybillSources } from '../carriers/index.ts'
import type { Connector } from '../connectors/connector.ts'
import { connectors } from '../connectors/index.ts'

/** A cell of the table, and why the platform lacks the ability. */
type Cell = string | { no: string }
type Ability = [words: string, of: (connector: Connector) => Cell]

const yes = 'yes'
const seconds = (ms: number) => (ms === 0 ? 'at once' : `after ${ms / 1000} s`)

/** `name`: the action or source; its reason is in `cannot`. */
const unless = (connector: Connector, name: keyof Connector['cannot'], has: unknown): Cell =>
  has ? yes : { no: connector.cannot[name]?.en ?? '' }

function waybillsOf({ id, cannot }: Connector): Cell {
  const own = waybillSources.find(({ platforms }) => platforms.includes(id))
  if (cannot.waybills) return { no: cannot.waybills.en }
  return own ? `${own.name.zh} (\`${own.id}\`)` : '快递100, if the receiver is in plain text'
}

const unclearWords = {
  look_up: 'looked up by order',
  same_number: 'asked again, gives the same number',
  neither: 'asked again; the nightly count finds what is surplus',
}

function unclearOf({ id }: Connector): Cell {
  const own = waybillSources.find(({ platforms }) => platforms.includes(id))
  return own ? unclearWords[own.unclear] : '–'
}

function changesOf({ shipping }: Connector): string | undefined {
  if (!shipping?.changes) return undefined
  const { times, days } = shipping.changes
  const limits = [times && `${times} times a trade`, days && `within ${days} days`].filter(Boolean)
  return limits.join(', ') || yes
}

const parts: Record<string, Ability[]> = {
  Connecting: [
    [
      'How the shop authorises',
      ({ oauth, issue, posted }) =>
        oauth
          ? 'the seller agrees on a page'
          : issue
            ? 'tokens for the credentials'
            : posted
              ? { door: 'an API key of ours, a secret of the shop', sheet: 'nothing: users upload sheets' }[
                  posted.by
                ]
              : 'a token is copied into the form',
    ],
    ['Calls a second and app, at most', ({ limits }) => String(limits.requestsPerSecond)],
  ],
  'Orders and refunds come in': [
    [
      'Completeness of the orders of a window',
      ({ trades }) => (trades.changed.paging === 'numbered' ? 'counted' : 'read twice'),
    ],
    [
      'Completeness of the refunds of a window',
      ({ refunds }) => (refunds.changed.paging === 'numbered' ? 'counted' : 'read twice'),
    ],
    ['A change of an order is read', ({ trades }) => seconds(trades.changed.lagMs)],
    ['First load by the time of creation', ({ trades }) => (trades.created ? yes : 'by the time of change')],
    ['Push (消息推送)', ({ push }) => (push ? yes : { no: 'The lists are read.' })],
    [
      'Refunds are asked for before a parcel leaves',
      ({ refunds }) => (refunds.asking ? yes : { no: 'The platform cannot be asked.' }),
    ],
    ['Goods of the shop', (one) => unless(one, 'listings', one.listings)],
    ['Asks which masked receivers are one', (one) => unless(one, 'receivers', one.receivers)],
  ],
  'Results go back': [
    [
      'Shipping',
      ({ shipping, actions }) => {
        if (!shipping || !actions.ship) return { no: '' }
        if (!shipping.byLine) return 'whole orders, one waybill'
        return shipping.oneWaybill ? 'by line, one waybill a line' : 'by line, several parcels a line'
      },
    ],
    [
      'Another waybill of a shipped parcel (改运单)',
      (one) => changesOf(one) ?? unless(one, 'changeWaybill', undefined),
    ],
    ['Notes and flags', (one) => unless(one, 'updateMemo', one.actions.updateMemo)],
    ['Stock', (one) => unless(one, 'updateStock', one.actions.updateStock)],
    ['Agreeing to a refund', (one) => unless(one, 'agreeRefund', one.actions.agreeRefund)],
    ['Refusing a refund', (one) => unless(one, 'refuseRefund', one.actions.refuseRefund)],
    ['Report of stopped goods (已取消发货)', (one) => unless(one, 'reportCancel', one.actions.reportCancel)],
    ['Report of goods that are back', (one) => unless(one, 'reportReturn', one.actions.reportReturn)],
    ['Scans of parcels', (one) => unless(one, 'trace', one.trace)],
  ],
  'Waybills (电子面单)': [
    ['Source', waybillsOf],
    ['An unclear answer is', unclearOf],
  ],
}

/** Returns the page of what each platform has, as its connector declares it. */
export function platformTable(): string {
  const notes: string[] = []
  const cellText = (cell: Cell): string => {
    if (typeof cell === 'string') return cell
    if (cell.no === '') return 'no'
    if (!notes.includes(cell.no)) notes.push(cell.no)
    return `no [${notes.indexOf(cell.no) + 1}]`
  }
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const names = connectors.map(({ name }) => name.zh)
  const tables = Object.entries(parts).map(([part, abilities]) =>
    [
      `## ${part}`,
      '',
      row(['', ...names]),
      row(['---', ...names.map(() => '---')]),
      ...abilities.map(([words, of]) => row([words, ...connectors.map((one) => cellText(of(one)))])),
      '',
    ].join('\n'),
  )
  return [
    '# What each platform has',
    '',
    'This page is generated from what the connectors declare (`server/connectors/*/index.ts`) and the sources of waybills (`server/carriers/*/index.ts`):',
    '`SURFACE=write node --test server/rules/platforms.test.ts`. On the page a button that a platform lacks is disabled, with the same reason.',
    '',
    ...tables,
    '## Why not',
    '',
    ...notes.map((note, at) => `${at + 1}. ${note}`),
    '',
  ].join('\n')
}
