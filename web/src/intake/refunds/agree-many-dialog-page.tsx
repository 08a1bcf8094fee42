import type { FormProps } from '../../ui/act/actions.ts'
import { asksForCode } from '../../ui/base/platform-error.ts'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { useSay } from '../../words.ts'
import type { DeskRow } from '../types.ts'
import { AgreementFields, useAgreement, useIsOfGoods } from './agreement.tsx'

/** Returns the version and amount of each refund as the user saw them. The server refuses an answer if they have changed. */
export const seenOf = (rows: readonly DeskRow[]) =>
  rows.map(({ id, version, amountFen }) => ({ id, version, amountFen }))

/** 同意退款 for several refunds. The user types their sum again, because agreeing pays money. */
export default function AgreeManyDialog(props: FormProps<'/aftersale/agree', DeskRow>) {
  const say = useSay()
  const { rows } = props
  const { same, input, fields } = useAgreement(rows.reduce((sum, { amountFen }) => sum + amountFen, 0))
  const ofGoods = rows.filter(useIsOfGoods()).length
  const words = { n: rows.length, amount: fields.amount }
  return (
    <FormDialog
      title={say(['同意 {n} 笔退款，共 ¥{amount}', 'Agree to {n} refunds, ¥{amount} in all'], words)}
      act={say(['同意，退 ¥{amount} 给买家', 'Agree: ¥{amount} go to the buyers'], words)}
      danger
      sure
      why={same ? undefined : say(['金额要和合计一样', 'The amount must be the sum'])}
      onSubmit={() => props.onSubmit({ seen: seenOf(rows), ...input })}
      onClose={props.onClose}
    >
      <p>
        {say([
          '钱会从店铺账户退给买家，不能撤回。看过之后变了的不会退；平台不接受的会在那一行写明。',
          'The money goes from the shops to the buyers and cannot be called back. What changed since you saw it is not agreed to; what a platform refuses says so on its row.',
        ])}
      </p>
      {ofGoods > 0 && (
        <p>
          {say(
            [
              '其中 {n} 笔现在只同意买家把货寄回，货到之后再退钱。',
              'For {n} of them the goods may come back now, and money is paid once they are here.',
            ],
            { n: ofGoods },
          )}
        </p>
      )}
      <AgreementFields
        fields={fields}
        label={say(['再输入一次合计金额', 'Type the sum again'])}
        shopIds={rows.map(({ shopId }) => shopId)}
        codeSent={rows.some(({ error }) => asksForCode(error))}
      />
    </FormDialog>
  )
}
