import type { ReactNode } from 'react'
import { CutText, Money } from '../../ui/base/figures.tsx'
import { Section } from '../../ui/overlay/drawer.tsx'
import { useSay } from '../../words.ts'
import { Thumb } from '../cells.tsx'
import { intakeWords } from '../words.ts'

type Line = {
  title: string
  spec: string
  pictureUrl: string
  outerSkuId: string
  outerItemId: string
  quantity: number
  priceFen: number
  discountFen: number
  paymentFen: number
}

/** The goods of a trade or an order, one row for each line. The caller supplies each line's state. */
export function GoodsLines<L extends Line>(props: {
  lines: readonly L[]
  pieces: number
  keyOf: (line: L) => string | number
  state: (line: L) => ReactNode
  below?: (line: L) => ReactNode
}) {
  const { lines, pieces } = props
  const say = useSay()
  return (
    <Section
      title={say(intakeWords.goods)}
      aside={say(['{n} 种 {pieces} 件', '{n} {n|line|lines}, {pieces} {pieces|pc|pcs}'], {
        n: lines.length,
        pieces,
      })}
    >
      <table className="plain-table lines-table">
        <thead>
          <tr>
            <th>{say(['商品 / 商家编码', 'Goods / outer code'])}</th>
            <th className="right">{say(['数量', 'Qty'])}</th>
            <th className="right">{say(['单价 / 优惠', 'Price / discount'])}</th>
            <th className="right">{say(['应付 ¥', 'Due ¥'])}</th>
            <th>{say(['情况', 'State'])}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={props.keyOf(line)}>
              <td>
                <div className="goods">
                  <Thumb url={line.pictureUrl} title={line.title} />
                  <div className="two grow">
                    <CutText text={line.title} />
                    <div className="cut">
                      {[line.spec, line.outerSkuId || line.outerItemId].filter(Boolean).join(' · ')}
                    </div>
                    {props.below?.(line)}
                  </div>
                </div>
              </td>
              <td className="right">{line.quantity > 1 ? <b>{line.quantity}</b> : line.quantity}</td>
              <td className="right two">
                <div>
                  <Money fen={line.priceFen} />
                </div>
                {line.discountFen !== 0 && (
                  <div>
                    <Money fen={-line.discountFen} />
                  </div>
                )}
              </td>
              <td className="right">
                <Money fen={line.paymentFen} />
              </td>
              <td>{props.state(line)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}
