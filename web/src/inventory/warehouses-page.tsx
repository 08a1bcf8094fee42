import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import {
  chosenWarehouseKinds,
  type ShipStep,
  shipSteps,
  shipStepWords,
  warehouseKindWords,
} from '../../../server/inventory/lifecycle.ts'
import { errorText, patch, post } from '../api.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { RegionFields } from '../ui/address/region-fields.tsx'
import { Button } from '../ui/base/button.tsx'
import { Empty, LoadError, Note } from '../ui/base/empty.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Status } from '../ui/base/status.tsx'
import { shared } from '../ui/base/words.ts'
import { Check, Choice, TextField } from '../ui/form/form.tsx'
import { PageHead } from '../ui/list/tabs.tsx'
import { Dialog } from '../ui/overlay/overlay.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import './inventory.css'
import { warehousesQuery } from '../ui/base/session.ts'
import type { Warehouse } from './types.ts'

const shipStepHead: LocalizedPair = ['发货前必须', 'Before shipping']
const printsLastWords: LocalizedPair = [
  '后置打印：验完最后一件才取号、打面单',
  'Print last: take the number and print the label at the last piece checked',
]
const addWords: LocalizedPair = ['新增仓库…', 'Add a warehouse…']

export default function WarehousesPage() {
  const say = useSay()
  const why = useAllowed()('inventory.write')
  const [dialog, setDialog] = useState<Warehouse | 'new'>()
  const found = useQuery(warehousesQuery)
  const rows = found.data?.rows
  return (
    <div className="page">
      <PageHead title={say(['仓库', 'Warehouses'])}>
        <PageActs
          acts={[
            { name: 'add', words: addWords, letter: 'N', primary: true, why, run: () => setDialog('new') },
          ]}
        />
      </PageHead>
      <div className="scroll body">
        {found.error && <LoadError error={found.error} onRetry={() => void found.refetch()} />}
        {rows?.length === 0 && (
          <Empty
            title={say(['还没有仓库', 'No warehouses yet'])}
            remedy={say([
              '按 N 新增第一个，然后写入库存，订单才能占用。',
              'Press N for the first; with stock in it, orders can be promised.',
            ])}
          />
        )}
        {rows && rows.length > 0 && <WarehouseTable rows={rows} why={why} onChange={setDialog} />}
      </div>
      {dialog && (
        <WarehouseDialog
          key={dialog === 'new' ? 'new' : dialog.id}
          warehouse={dialog === 'new' ? undefined : dialog}
          onClose={() => setDialog(undefined)}
        />
      )}
    </div>
  )
}

function WarehouseTable(props: {
  rows: readonly Warehouse[]
  why: string | undefined
  onChange: (row: Warehouse) => void
}) {
  const say = useSay()
  return (
    <div className="panel">
      <table className="plain-table">
        <thead>
          <tr>
            <th>{say(['编码', 'Code'])}</th>
            <th>{say(['名称', 'Name'])}</th>
            <th>{say(['类型', 'Type'])}</th>
            <th>{say(['地区', 'Region'])}</th>
            <th className="right">{say(['优先级', 'Priority'])}</th>
            <th>{say(shipStepHead)}</th>
            <th>{say(shared.status)}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr key={row.id}>
              <td className="num">{row.code}</td>
              <td className="medium">{row.name}</td>
              <td>{say(warehouseKindWords[row.kind])}</td>
              <td>{[row.province, row.city].filter(Boolean).join(' ') || <span className="t3">–</span>}</td>
              <td className="right">{row.priority}</td>
              <td>
                {row.shipSteps.map((one) => say(shipStepWords[one])).join(say(['、', ', '])) || (
                  <span className="t3">–</span>
                )}
                {row.printsLast && <div className="t3 small">{say(['后置打印', 'Prints last'])}</div>}
              </td>
              <td>
                <Status tone={row.active ? 'ok' : 'void'}>
                  {say(row.active ? ['在用', 'In use'] : ['已停用', 'Retired'])}
                </Status>
              </td>
              <td className="right">
                <Button size="small" why={props.why} onClick={() => props.onChange(row)}>
                  {say(['修改…', 'Change…'])}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function WarehouseDialog({ warehouse, onClose }: { warehouse: Warehouse | undefined; onClose: () => void }) {
  const say = useSay()
  const form = useWarehouseForm(warehouse)
  const { save, retire } = useWarehouseWrites(warehouse, form, onClose)
  const title = warehouse?.name ?? say(addWords)
  const error = save.error ?? retire.error
  return (
    <Dialog
      title={title}
      label={title}
      onClose={onClose}
      foot={
        <>
          {warehouse && (
            <span style={{ marginRight: 'auto' }}>
              <Button
                kind={warehouse.active ? 'danger-quiet' : 'plain'}
                busy={retire.isPending}
                onClick={() => retire.mutate()}
              >
                {say(warehouse.active ? ['停用', 'Retire'] : ['重新启用', 'Use again'])}
              </Button>
            </span>
          )}
          <Button onClick={onClose}>{say(shared.cancel)}</Button>
          <Button kind="primary" why={form.why} busy={save.isPending} onClick={() => save.mutate()}>
            {say(shared.save)}
          </Button>
        </>
      }
    >
      <WarehouseFields form={form} />
      {warehouse && <ShipStepFields form={form} />}
      {warehouse?.active && (
        <p className="t2 small">
          {say([
            '停用后不再占用新订单；在库的货和单据都留着。',
            'A retired one takes no new orders; its goods and documents stay.',
          ])}
        </p>
      )}
      {error && <Note tone="bad">{errorText(error)}</Note>}
    </Dialog>
  )
}

function useWarehouseForm(warehouse: Warehouse | undefined) {
  const say = useSay()
  const [typed, setTyped] = useState({
    code: warehouse?.code ?? '',
    name: warehouse?.name ?? '',
    kind: warehouse?.kind ?? 'own',
    province: warehouse?.province ?? '',
    city: warehouse?.city ?? '',
    priority: String(warehouse?.priority ?? 100),
  })
  const [required, setRequired] = useState<readonly ShipStep[]>(warehouse?.shipSteps ?? [])
  const [printsLast, setPrintsLast] = useState(warehouse?.printsLast ?? false)
  const mayPrintLast = required.includes('print') && required.includes('check')
  const why =
    typed.code.trim() === '' || typed.name.trim() === ''
      ? say(['先填编码和名称', 'Give it a code and a name first'])
      : /^[1-9]\d{0,3}$/.test(typed.priority)
        ? undefined
        : say(['优先级是 1 到 9999', 'The priority is 1 to 9999'])
  return {
    ...{ typed, setTyped, required, setRequired, printsLast, setPrintsLast, mayPrintLast, why },
    set: (field: keyof typeof typed) => (value: string) => setTyped({ ...typed, [field]: value }),
  }
}
type WarehouseForm = ReturnType<typeof useWarehouseForm>

function useWarehouseWrites(warehouse: Warehouse | undefined, form: WarehouseForm, onClose: () => void) {
  const queries = useQueryClient()
  const onSuccess = () => {
    onClose()
    return queries.invalidateQueries()
  }
  const save = useMutation({
    mutationFn: async () => {
      const { kind, ...given } = form.typed
      const body = { ...given, priority: Number(given.priority) }
      const typed = kind === 'defective' ? {} : { kind }
      await (warehouse
        ? patch(
            '/warehouses/:id',
            {
              ...{ ...body, ...typed, shipSteps: shipSteps.filter((one) => form.required.includes(one)) },
              printsLast: form.printsLast && form.mayPrintLast,
            },
            { id: warehouse.id },
          )
        : post('/warehouses', { ...body, kind: typed.kind ?? 'own' }))
    },
    onSuccess,
  })
  const retire = useMutation({
    mutationFn: () => patch('/warehouses/:id', { active: !warehouse?.active }, { id: warehouse?.id ?? '' }),
    onSuccess,
  })
  return { save, retire }
}

function WarehouseFields({ form: { typed, setTyped, set } }: { form: WarehouseForm }) {
  const say = useSay()
  const kinds = typed.kind === 'defective' ? (['defective'] as const) : chosenWarehouseKinds
  return (
    <>
      <div className="form-row">
        <TextField
          label={say(['编码', 'Code'])}
          value={typed.code}
          maxLength={30}
          onChange={set('code')}
          autoFocus
        />
        <TextField label={say(['名称', 'Name'])} value={typed.name} maxLength={60} onChange={set('name')} />
      </div>
      <div className="form-row">
        <Choice
          label={say(['类型', 'Type'])}
          value={typed.kind}
          options={kinds.map((kind) => ({ value: kind, label: say(warehouseKindWords[kind]) }))}
          onChange={set('kind')}
        />
        <TextField
          label={say(['优先级', 'Priority'])}
          value={typed.priority}
          inputMode="numeric"
          hint={say(['小的先选', 'The smaller comes first'])}
          onChange={set('priority')}
        />
      </div>
      <div className="form-row">
        <RegionFields
          value={{ province: typed.province, city: typed.city, district: '' }}
          district={false}
          onChange={({ province, city }) => setTyped({ ...typed, province, city })}
        />
      </div>
    </>
  )
}

/** 发货前必须: the steps that a parcel of the warehouse needs before it ships. */
function ShipStepFields({ form }: { form: WarehouseForm }) {
  const say = useSay()
  const { required, setRequired } = form
  return (
    <fieldset className="ship-steps">
      <legend>{say(shipStepHead)}</legend>
      {shipSteps.map((one) => (
        <Check
          key={one}
          label={say(shipStepWords[one])}
          checked={required.includes(one)}
          onChange={(checked) =>
            setRequired(checked ? [...required, one] : required.filter((other) => other !== one))
          }
        />
      ))}
      {form.mayPrintLast && (
        <Check label={say(printsLastWords)} checked={form.printsLast} onChange={form.setPrintsLast} />
      )}
      <p className="t2 small">
        {say([
          '没做完的不能发货，在仓库里的包裹马上按新设置。手填的运单没有面单，不用打印。',
          'A parcel that lacks one of these cannot be shipped. The setting holds at once for parcels in the warehouse. A typed waybill has no label to print.',
        ])}
      </p>
    </fieldset>
  )
}
