import { useState } from 'react'
import { CutText, Times } from '../ui/base/figures.tsx'
import { useShop } from '../ui/base/session.ts'
import { Flag } from '../ui/base/status.tsx'
import { useSay } from '../words.ts'
import { intakeWords, refundGoods } from './words.ts'

/** A picture of the goods. Without one, or if it cannot be loaded, the first character of the title. */
export function Thumb({ url, title }: { url: string; title: string }) {
  const [broken, setBroken] = useState('')
  // The address comes from a platform, so only http and https are loaded.
  if (url === broken || !/^(https?:)?\/\//i.test(url))
    return (
      <span className="thumb" aria-hidden="true">
        {title.replace(/^[【［[（(「]+/, '').slice(0, 1)}
      </span>
    )
  return (
    <img className="thumb" src={url} alt="" loading="lazy" decoding="async" onError={() => setBroken(url)} />
  )
}

const titleOf = (text: React.ReactNode) => (typeof text === 'string' ? text : undefined)

/** Two lines of text; one centred line if the second is empty. */
export function Two({ first, second }: { first: React.ReactNode; second: React.ReactNode }) {
  return (
    <div className="two">
      <Cut>{first}</Cut>
      {second !== '' && second !== undefined && second !== null && <Cut>{second}</Cut>}
    </div>
  )
}

/** One line of text that is cut at its end. A number is cut at its front, because numbers differ at their ends. */
export function Cut({ children }: { children: React.ReactNode }) {
  const isNumber = typeof children === 'string' && /^[A-Z]{0,3}\d[\d-]{7,}$/.test(children)
  return (
    <div className={isNumber ? 'cut tail' : 'cut'} title={titleOf(children)}>
      {isNumber ? <bdi>{children}</bdi> : children}
    </div>
  )
}

/** "天猫 · 山隅家居旗舰店" */
export function ShopLabel({ id, short = false }: { id: string; short?: boolean }) {
  const say = useSay()
  const shop = useShop(id)
  if (!shop) return <span className="t3">{id}</span>
  return <>{short ? shop.name : `${say(shop.label)} · ${shop.name}`}</>
}

/** Masked name and number above the region; in compact density only the name. */
export function ReceiverCell({
  row,
  compact,
}: {
  row: { receiverMasked: string; region: string }
  compact: boolean
}) {
  return compact ? (
    <div className="cut">{row.receiverMasked.split(' ')[0]}</div>
  ) : (
    <Two first={row.receiverMasked} second={row.region} />
  )
}

type GoodsLine = { title: string; spec: string; pictureUrl: string; quantity: number }

/** The first goods line and the number of further lines. `pieces`: of all lines. */
export function GoodsCell({
  line,
  lineCount,
  pieces,
  compact,
}: {
  line: GoodsLine | undefined
  lineCount: number
  pieces: number
  compact: boolean
}) {
  const say = useSay()
  if (!line) return <span className="t3">–</span>
  const { title, spec, pictureUrl, quantity } = line
  const more = lineCount > 1
  const times = quantity > 0 && <Times quantity={quantity} />
  if (compact) {
    return (
      <div className="goods">
        <Thumb url={pictureUrl} title={title} />
        <span className="cut" title={`${title} ${spec}`}>
          {title} <span className="t2">{spec}</span>
        </span>
        {times}
        {more && (
          <span className="t2 small cut" style={{ flex: 'none' }}>
            {say(intakeWords.pieces, { pieces })}
          </span>
        )}
      </div>
    )
  }
  return (
    <div className="goods">
      <Thumb url={pictureUrl} title={title} />
      <div className="two grow">
        <div className="row" style={{ gap: 6 }}>
          <span className="cut" title={title}>
            {title}
          </span>
          {times}
        </div>
        <div className="cut" title={spec}>
          {[spec, more && say(intakeWords.andMore, { kinds: lineCount, pieces })].filter(Boolean).join(' · ')}
        </div>
      </div>
    </div>
  )
}

/** The goods of a refund. */
export function RefundGoods({ row, compact }: { row: GoodsLine & { oid: string }; compact: boolean }) {
  const line = { ...row, ...refundGoods(row, useSay()) }
  return <GoodsCell line={line} lineCount={1} pieces={row.quantity} compact={compact} />
}

/** The goods of a row that has its lines. */
export const GoodsOf = ({
  row: { lines, lineCount, quantity },
  compact,
}: {
  row: { lines: readonly GoodsLine[]; lineCount: number; quantity: number }
  compact: boolean
}) => <GoodsCell line={lines[0]} lineCount={lineCount} pieces={quantity} compact={compact} />

/** The buyer's message above the seller's flag and memo. */
export function MessageCell({
  row: { buyerMessage, sellerMemo, flag },
  compact,
}: {
  row: { buyerMessage: string; sellerMemo: string; flag: number }
  compact: boolean
}) {
  const memo = (flag > 0 || sellerMemo !== '') && (
    <span className="row" style={{ gap: 6 }}>
      <Flag flag={flag} />
      <span className="cut" title={sellerMemo}>
        {sellerMemo}
      </span>
    </span>
  )
  if (compact) {
    return (
      <div className="row" style={{ gap: 6 }}>
        <Flag flag={flag} />
        <span className="cut" title={`${buyerMessage} ${sellerMemo}`}>
          {buyerMessage || sellerMemo}
        </span>
      </div>
    )
  }
  if (!buyerMessage) return memo || null
  if (!memo) return <CutText text={buyerMessage} />
  return <Two first={<span title={buyerMessage}>{buyerMessage}</span>} second={memo} />
}
