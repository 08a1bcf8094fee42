import { useState } from 'react'
import { yuan } from '../../../../server/lib/money-text.ts'
import { SkuPicker } from '../../catalog/sku-picker.tsx'
import type { SkuChoice } from '../../catalog/types.ts'
import type { FormProps } from '../../ui/act/actions.ts'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { type Say, useSay } from '../../words.ts'

type Props = Omit<FormProps<'/orders/substitute'>, 'rows'> & {
  /** Code of the SKU that is replaced, if the dialog was opened from its line; empty: the user chooses it. */
  from?: string
}

/** 换货品: the SKU that is sent instead of another. The buyer's payment stays the same. */
export default function SubstituteDialog({ count, from: given = '', onSubmit, onClose }: Props) {
  const say = useSay()
  const [old, setOld] = useState<SkuChoice>()
  const [next, setNext] = useState<SkuChoice>()
  const from = given || (old?.code ?? '')
  const to = next?.code ?? ''
  const same = to !== '' && from === to
  return (
    <FormDialog
      title={say(['给 {n} 单换货品', 'Substitute goods of {n} {n|order|orders}'], { n: count })}
      act={say(['换 {n} 单', 'Substitute in {n}'], { n: count })}
      why={
        from === '' || to === ''
          ? say(['先选两个 SKU', 'Choose both SKUs first'])
          : same
            ? say(['两个是同一个 SKU', 'Both are the same SKU'])
            : undefined
      }
      onSubmit={() => onSubmit({ from, to })}
      onClose={onClose}
    >
      {given === '' ? (
        <SkuPicker
          retired
          label={say(['订单里的 SKU', 'SKU on the orders'])}
          value={from}
          autoFocus
          onPick={setOld}
        />
      ) : (
        <div className="field">
          <span className="t2">{say(['订单里的 SKU', 'SKU on the order'])}</span>
          <b>{given}</b>
        </div>
      )}
      <SkuPicker
        label={say(['换成', 'Send instead'])}
        value={to}
        autoFocus={given !== ''}
        wrong={same ? say(['两个是同一个 SKU', 'Both are the same SKU']) : undefined}
        onPick={setNext}
      />
      <p className="t2">
        {say([
          '一件换一件，数量不变；买家付的钱、平台的商品行和退款都不变，差价由我们承担，记在商品行上。',
          'Piece for piece. What the buyer paid, the platform’s line and its refunds stay; we bear the difference of price, which the line keeps.',
        ])}
        {old && next && !same && diffText(old, next, say)}
      </p>
    </FormDialog>
  )
}

function diffText(old: SkuChoice, next: SkuChoice, say: Say): string {
  if (old.priceFen === null || next.priceFen === null) return ''
  const diff = next.priceFen - old.priceFen
  const amount = `${diff > 0 ? '+' : ''}${yuan(diff)}`
  return ` ${say(
    ['标价每件 ¥{old} → ¥{next}，差 {amount}。', 'List price ¥{old} → ¥{next} a piece: {amount}.'],
    {
      ...{ old: yuan(old.priceFen), next: yuan(next.priceFen), amount },
    },
  )}`
}
