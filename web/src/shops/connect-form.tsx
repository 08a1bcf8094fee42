import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, errorText, post } from '../api.ts'
import type { Body } from '../api-routes.ts'
import { Button } from '../ui/base/button.tsx'
import { LoadError, Note } from '../ui/base/empty.tsx'
import { connectorsQuery } from '../ui/base/session.ts'
import { Choice, TextField } from '../ui/form/form.tsx'
import { fieldsOf, isAbout, type SchemaField } from '../ui/form/schema.ts'
import { SchemaForm } from '../ui/form/schema-form.tsx'
import { useSay } from '../words.ts'
import { relaysQuery } from './relays-query.ts'
import type { ShopDetail } from './types.ts'
import './shops.css'

/** Creates a shop with its name and credentials. The fields come from the platform's schema. */
export function ConnectForm({ onMade }: { onMade: (shop: ShopDetail) => void }) {
  const say = useSay()
  const connectors = useQuery(connectorsQuery)
  const [kind, setKind] = useState('')
  const [name, setName] = useState('')
  const [values, setValues] = useState<Record<string, unknown>>({})
  const [relay, setRelay] = useState('')
  const kinds = (connectors.data?.rows ?? []).flatMap((connector) =>
    connector.variants.map((variant) => ({ key: `${connector.id} ${variant.id}`, connector, variant })),
  )
  const chosen = kinds.find((each) => each.key === kind) ?? kinds[0]
  const relayId = chosen?.connector.relayed && relay !== '' ? relay : undefined
  const fields = fieldsOf(chosen?.connector.credentials).filter(openTo(relayId))
  const make = useMakeShop(onMade, {
    platform: chosen?.connector.id ?? '',
    variant: chosen?.variant.id,
    name: name.trim(),
    credentials: Object.fromEntries(
      fields.flatMap((field) => (values[field.name] ? [[field.name, String(values[field.name])]] : [])),
    ),
    ...(relayId === undefined ? {} : { relayId }),
  })
  const error = make.error instanceof ApiError ? make.error : undefined
  const form = {
    values,
    onChange: setValues,
    wrong: error?.field ? { field: error.field, text: errorText(error) } : undefined,
  }
  // Values that the platform's documents give are filled in already and shown apart.
  const given = fields.filter((field) => field.initial !== undefined)
  const missing =
    name.trim() === '' ||
    fields.some((field) => field.required && field.initial === undefined && !values[field.name])
  if (connectors.error)
    return <LoadError error={connectors.error} onRetry={() => void connectors.refetch()} />
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault()
        if (!missing) make.mutate()
      }}
    >
      <Choice
        label={say(['平台', 'Platform'])}
        value={chosen?.key ?? ''}
        onChange={setKind}
        options={kinds.map((each) => ({ value: each.key, label: say(each.variant) }))}
      />
      <TextField
        label={say(['店铺名称', 'Name of the shop'])}
        value={name}
        onChange={setName}
        maxLength={60}
        wrong={error?.field === 'name' ? errorText(error) : undefined}
      />
      {chosen?.connector.relayed && <RelayChoice value={relay} onChange={setRelay} />}
      <SchemaForm {...form} fields={fields.filter((field) => field.initial === undefined)} />
      {given.length > 0 && (
        <details className="form-more" open={given.some(({ name }) => isAbout(error?.field ?? '', name))}>
          <summary className="t2">
            {say(['高级：地址与签名，一般不用改', 'Advanced: addresses and signing, rarely changed'])}
          </summary>
          <SchemaForm {...form} fields={given} />
        </details>
      )}
      {make.error && <Note tone="bad">{errorText(make.error)}</Note>}
      <div className="row">
        <Button
          kind="primary"
          type="submit"
          busy={make.isPending}
          why={missing ? say(['先填名称和密钥', 'Name and keys first']) : undefined}
        >
          {say(
            chosen?.connector.oauth === false
              ? ['保存，下一步验证', 'Save, then verify']
              : ['保存，下一步授权', 'Save, then authorise'],
          )}
        </Button>
        <span className="t3 small">
          {say(['密钥加密保存，之后不再显示', 'Secrets are stored sealed and never shown again'])}
        </span>
      </div>
    </form>
  )
}

/** The relay of a shop has the secrets of its app, so they are not asked for here. */
const openTo = (relayId: string | undefined) => (field: SchemaField) =>
  relayId === undefined || field.kind !== 'secret'

/** Only installations with relays are asked. */
function RelayChoice({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const say = useSay()
  const relays = useQuery(relaysQuery).data?.rows ?? []
  if (relays.length === 0) return null
  return (
    <Choice
      label={say(['怎样连平台', 'How the platform is reached'])}
      value={value}
      onChange={onChange}
      options={[
        { value: '', label: say(['直接连', 'Directly']) },
        ...relays.map(({ id, name }) => ({
          value: id,
          label: say(['经中继 {name}', 'Through the relay {name}'], { name }),
        })),
      ]}
    />
  )
}

function useMakeShop(onMade: (shop: ShopDetail) => void, shop: Body<'POST', '/shops'>) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => post('/shops', shop),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ['/shops'] })
      onMade(made)
    },
  })
}
