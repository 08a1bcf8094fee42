import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { openKindWords } from '../../../server/privacy/words-contract.ts'
import { postFile } from '../api.ts'
import { Button } from '../ui/base/button.tsx'
import { Empty, Note } from '../ui/base/empty.tsx'
import { count } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { saveFile } from '../ui/base/save-file.ts'
import { connectorsQuery } from '../ui/base/session.ts'
import { useReasonedLook } from '../ui/form/reveal.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { EraseDialog } from './erase-dialog.tsx'
import type { Found, Open, Search } from './types.ts'

/** The documents of a buyer by platform and by kind, and those that prevent the erasure. `again`: searches one platform only. */
export function FoundBuyer(props: {
  found: Found
  search: Search
  again: (platform: string | undefined) => void
}) {
  const { found, search } = props
  const say = useSay()
  const [erasing, setErasing] = useState(false)
  const handOut = useReasonedLook(
    (reason) => postFile('/privacy/export', { ...search, ...reason }),
    ['导出', 'Export'],
    (file) => {
      saveFile(file)
      toast('ok', say(['已导出', 'Exported']))
    },
  )
  if (found.trades === 0)
    return (
      <Empty
        title={say(['没有这位买家的单据', 'No document of this buyer'])}
        remedy={say([
          '要填完整的昵称或手机号；平台打了星号的查不到，用交易号查。',
          'Type the whole nick or number. What a platform masks is found by a trade number only.',
        ])}
      />
    )
  return (
    <div className="panel stack" style={{ padding: 16, gap: 12 }}>
      <Buyers {...props} />
      <Counts found={found} />
      {found.open.length > 0 && <OpenDocuments open={found.open} />}
      <div className="row">
        <Button action="export-buyer" busy={handOut.busy} onClick={handOut.run}>
          {say(['导出', 'Export'])}
        </Button>
        <Button
          action="erase-buyer"
          kind="danger-quiet"
          why={whyNotErased(found, say)}
          onClick={() => setErasing(true)}
        >
          {say(['抹去…', 'Erase…'])}
        </Button>
      </div>
      {handOut.dialog}
      {erasing && (
        <EraseDialog
          search={search}
          trades={found.trades}
          onErased={() => props.again(search.platform)}
          onClose={() => setErasing(false)}
        />
      )}
    </div>
  )
}

function whyNotErased(
  { open, trades, erased }: Found,
  say: (words: LocalizedPair) => string,
): string | undefined {
  if (open.length > 0)
    return say(['还有没办完的单据，办完后才能抹去', 'Documents are still open; end them first'])
  return trades === erased ? say(['已经抹去', 'Erased already']) : undefined
}

/** The buyers by platform: one text may be the nick of two buyers on two platforms. */
function Buyers({ found: { buyers }, search, again }: Parameters<typeof FoundBuyer>[0]) {
  const say = useSay()
  const connectors = useQuery(connectorsQuery).data?.rows
  const several = new Set(buyers.map(({ platform }) => platform)).size > 1
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th>{say(['平台', 'Platform'])}</th>
          <th>{say(['买家', 'Buyer'])}</th>
          <th>{say(['收件人', 'Receivers'])}</th>
          <th className="right">{say(['单据', 'Documents'])}</th>
          <th />
        </tr>
      </thead>
      <tbody>
        {buyers.map(({ platform, nick, receivers, trades }) => (
          <tr key={`${platform} ${nick} ${receivers.join(' ')}`}>
            <td>{say(connectors?.find(({ id }) => id === platform)?.name ?? [platform, platform])}</td>
            <td>{nick}</td>
            <td className="t2">{receivers.join('、')}</td>
            <td className="right num">{count(trades)}</td>
            <td className="right">
              {(several || search.platform !== undefined) && (
                <Button
                  size="small"
                  onClick={() => again(search.platform === undefined ? platform : undefined)}
                >
                  {search.platform === undefined
                    ? say(['只看这个平台', 'This platform only'])
                    : say(['看全部平台', 'All platforms'])}
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Counts({ found: { trades, erased, counts } }: { found: Found }) {
  const say = useSay()
  const parts: [LocalizedPair, number][] = [
    [['交易和自建订单', 'Trades and off-platform orders'], trades],
    [['销售订单', 'Sales orders'], counts.orders],
    [['退单', 'Refunds'], counts.refunds],
    [['退货单', 'Returns'], counts.returns],
    [['发货单', 'Deliveries'], counts.deliveries],
    [['已抹去', 'Erased already'], erased],
  ]
  return (
    <p className="t2">
      {parts
        .filter(([, n]) => n > 0)
        .map(([words, n]) => `${say(words)} ${count(n)}`)
        .join(' · ')}
    </p>
  )
}

function OpenDocuments({ open }: { open: readonly Open[] }) {
  const say = useSay()
  return (
    <Note tone="warn">
      {say(['没办完，办完后才能抹去：', 'Open; end them first: '])}
      {open.map((one, at) => (
        <span key={`${one.kind} ${one.id}`}>
          {at > 0 && say(['、', ', '])}
          {say(openKindWords[one.kind])} <PageLink {...placeOf(one)}>{one.no}</PageLink>
        </span>
      ))}
    </Note>
  )
}

/** Returns the page on which the document is ended. */
function placeOf({ kind, id, no }: Open): { to: string; search: Record<string, string> } {
  switch (kind) {
    case 'order':
      return { to: '/orders', search: { tab: 'all', ids: id, open: id } }
    case 'trade':
      return { to: '/trade-history', search: { tids: no } }
    case 'queue':
      return { to: '/download-queue', search: { tids: no } }
    case 'refund':
      return { to: '/staged-refunds', search: { refundNos: no } }
    case 'extra_refund':
      return { to: '/extra-refunds', search: { open: id } }
    case 'return':
      return { to: '/returns', search: { tab: 'all', open: id } }
    case 'action':
      return { to: '/platform-actions', search: { tab: 'all', open: id } }
  }
}
