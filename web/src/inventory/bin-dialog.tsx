import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText, post } from '../api.ts'
import { Button } from '../ui/base/button.tsx'
import { Note } from '../ui/base/empty.tsx'
import { warehousesQuery } from '../ui/base/session.ts'
import { shared } from '../ui/base/words.ts'
import { wordsIn } from '../ui/base/words-in.ts'
import { Choice, TextField } from '../ui/form/form.tsx'
import { Dialog } from '../ui/overlay/overlay.tsx'
import { useSay } from '../words.ts'
import type { BinRow } from './types.ts'

const textOf = (goods: BinRow['mains'] = []) => goods.map(({ code }) => code).join(' ')

/** Adds a bin, or changes one: its position on the way, and the SKUs that lie there. */
export function BinDialog({ bin, onClose }: { bin: BinRow | undefined; onClose: () => void }) {
  const say = useSay()
  const { form, set, warehouses, why, save } = useBinForm(bin, onClose)
  const title = bin?.code ?? say(['新增库位', 'Add a bin'])
  return (
    <Dialog
      title={title}
      label={title}
      onClose={onClose}
      foot={
        <>
          {bin && (
            <span style={{ marginRight: 'auto' }}>
              <Button
                kind={bin.active ? 'danger-quiet' : 'plain'}
                why={why}
                busy={save.isPending}
                onClick={() => save.mutate(!bin.active)}
              >
                {say(bin.active ? ['停用', 'Retire'] : ['重新启用', 'Use again'])}
              </Button>
            </span>
          )}
          <Button onClick={onClose}>{say(shared.cancel)}</Button>
          <Button
            kind="primary"
            why={why}
            busy={save.isPending}
            onClick={() => save.mutate(bin?.active ?? true)}
          >
            {say(shared.save)}
          </Button>
        </>
      }
    >
      <BinFields form={form} set={set} warehouses={bin ? undefined : warehouses} />
      {bin?.active && (
        <p className="t2 small">
          {say([
            '停用后商品离开这个库位；在库数量不变。',
            'A retired bin loses its goods; quantities on hand stay.',
          ])}
        </p>
      )}
      {save.error && <Note tone="bad">{errorText(save.error)}</Note>}
    </Dialog>
  )
}

function useBinForm(bin: BinRow | undefined, onClose: () => void) {
  const say = useSay()
  const queries = useQueryClient()
  const warehouses = useQuery(warehousesQuery).data?.rows.filter(({ active }) => active) ?? []
  const [typed, setTyped] = useState({
    warehouseId: bin?.warehouseId ?? '',
    code: bin?.code ?? '',
    route: bin ? String(bin.route) : '',
    mains: textOf(bin?.mains),
    spares: textOf(bin?.spares),
  })
  const set = (field: keyof typeof typed) => (value: string) => setTyped({ ...typed, [field]: value })
  const form = { ...typed, warehouseId: typed.warehouseId || (warehouses[0]?.id ?? '') }
  const { warehouseId } = form
  const save = useMutation({
    mutationFn: (active: boolean) =>
      post('/bins', {
        ...{
          warehouseId,
          active,
          code: form.code.trim(),
          route: Number(form.route),
          version: bin?.version ?? '',
        },
        ...{ mains: wordsIn(form.mains), spares: wordsIn(form.spares) },
      }),
    onSuccess: () => {
      onClose()
      return queries.invalidateQueries()
    },
  })
  const why = !/^[A-Za-z0-9][A-Za-z0-9-]{0,29}$/.test(form.code.trim())
    ? say(['库位用字母、数字和短横，如 A-03-12', 'A bin is letters, digits and dashes, such as A-03-12'])
    : /^\d{1,9}$/.test(form.route)
      ? undefined
      : say(['顺序是整数，小的先走到', 'The route is a whole number; the smaller is passed first'])
  return { form, set, warehouses, why, save }
}

type BinForm = Pick<ReturnType<typeof useBinForm>, 'form' | 'set'>

/** `warehouses`: those in which a new bin may be; undefined: the bin exists, so that its warehouse and code stay. */
function BinFields(props: BinForm & { warehouses: readonly { id: string; name: string }[] | undefined }) {
  const say = useSay()
  const { form, set, warehouses } = props
  return (
    <>
      <div className="form-row">
        {warehouses && (
          <Choice
            label={say(['仓库', 'Warehouse'])}
            value={form.warehouseId}
            options={warehouses.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={set('warehouseId')}
          />
        )}
        {warehouses && (
          <TextField
            label={say(['库位', 'Bin'])}
            value={form.code}
            maxLength={30}
            onChange={set('code')}
            autoFocus
          />
        )}
        <TextField
          label={say(['顺序', 'Route'])}
          value={form.route}
          inputMode="numeric"
          hint={say(['小的先走到', 'The smaller is passed first'])}
          onChange={set('route')}
        />
      </div>
      <TextField
        label={say(['主库位的商品', 'Picked here'])}
        value={form.mains}
        hint={say(['商家编码，用空格隔开', 'SKU codes, apart by spaces'])}
        onChange={set('mains')}
      />
      <TextField
        label={say(['备库位的商品', 'Spare bin of'])}
        value={form.spares}
        hint={say(['主库位拿不够时来这里拿', 'Picked here when the main bin has too few'])}
        onChange={set('spares')}
      />
    </>
  )
}
