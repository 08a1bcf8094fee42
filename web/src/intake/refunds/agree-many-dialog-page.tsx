import type { FormProps } from '../../ui/act/actions.ts'
import { asksForCode } from '../../ui/base/platform-error.ts'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import type { DeskRow } from '../types.ts'
import { AgreementFields, useAgreement, useEffectOf } from './agreement.tsx'
import { goodsAgreements } from './agreement-effect.ts'
import { goodsEffects, severalGoodsWords } from './agreement-words.ts'

/** Returns the version and amount of each refund as the user saw them. The server refuses an answer if they have changed. */
export const seenOf = (rows: readonly DeskRow[]) =>
  rows.map(({ id, version, amountFen }) => ({ id, version, amountFen }))

const paying = {
  title: ['同意 {n} 笔退款，现在退 ¥{amount}', 'Agree to {n} {n|refund|refunds}: ¥{amount} now'],
  act: ['同意，退 ¥{amount} 给买家', 'Agree: ¥{amount} go to the buyers'],
  effect: [
    '钱会从店铺账户退给买家，不能撤回。看过之后变了的不会退；平台不接受的会在那一行写明。',
    'The money goes from the shops to the buyers and cannot be called back. What changed since you saw it is not agreed to; what a platform refuses says so on its row.',
  ],
} as const satisfies Record<string, LocalizedPair>
/** The rule of versions and refusals for agreements that pay nothing now. */
const seenOnly: LocalizedPair = [
  '不能撤回。看过之后变了的不会同意；平台不接受的会在那一行写明。',
  'This cannot be called back. What changed since you saw it is not agreed to; what a platform refuses says so on its row.',
]
const notNow: LocalizedPair = [
  '另外选的 {n} 笔现在同意不了（要先在平台同意退货，或平台不让、退款已结束），不会退，逐笔写明原因。',
  'The {n} others cannot be agreed to now: their return comes first, the platform does not allow it, or the refund has ended. They are not paid, and each says why.',
]

/** 同意退款 for several refunds. The user types the sum again that is paid now, because agreeing pays money. */
export default function AgreeManyDialog(props: FormProps<'/aftersale/agree', DeskRow>) {
  const say = useSay()
  const { rows } = props
  const { money = [], none = [], ...goods } = Object.groupBy(rows, useEffectOf())
  const { same, input, fields } = useAgreement(money.reduce((sum, { amountFen }) => sum + amountFen, 0))
  const words = { n: rows.length - none.length, amount: fields.amount }
  const ofGoods = goodsAgreements.filter((kind) => goods[kind])
  // Where no money is paid now there is no sum to type.
  const pays = money.length > 0
  const [only = 'mixed', ...others] = ofGoods
  const { title, act } = pays ? paying : severalGoodsWords[others.length > 0 ? 'mixed' : only]
  const wrongSum = pays && !same ? say(['金额要和合计一样', 'The amount must be the sum']) : undefined
  return (
    <FormDialog
      title={say(title, words)}
      act={say(act, words)}
      danger
      sure
      why={words.n > 0 ? wrongSum : say(['选的现在都同意不了', 'None of them can be agreed to now'])}
      onSubmit={() => props.onSubmit({ seen: seenOf(rows), ...input })}
      onClose={props.onClose}
    >
      {words.n > 0 && <p>{say(pays ? paying.effect : seenOnly)}</p>}
      {ofGoods.map((kind) => (
        <Sentence key={kind} n={goods[kind]?.length ?? 0} words={goodsEffects[kind]} />
      ))}
      <Sentence n={none.length} words={notNow} />
      {pays && (
        <AgreementFields
          fields={fields}
          label={say(['再输入一次现在退的金额', 'Type the sum again that is paid now'])}
          shopIds={rows.map(({ shopId }) => shopId)}
          codeSent={rows.some(({ error }) => asksForCode(error))}
        />
      )}
    </FormDialog>
  )
}

function Sentence({ n, words }: { n: number; words: LocalizedPair }) {
  const say = useSay()
  return n > 0 && <p>{say(words, { n })}</p>
}
