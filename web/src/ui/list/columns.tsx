import { useState } from 'react'
import { useSay } from '../../words.ts'
import { Button } from '../base/button.tsx'
import { browserSetting } from '../base/store.ts'
import { MenuItem, Popover } from '../overlay/overlay.tsx'
import type { Column } from './data-list.tsx'
import { listWords } from './list-words.ts'

const settings = new Map<string, ReturnType<typeof browserSetting>>()

function hiddenOf(name: string) {
  const found = settings.get(name) ?? browserSetting(`hidden.${name}`, '')
  settings.set(name, found)
  return found
}

export function useChosenColumns<Row>(name: string, all: readonly Column<Row>[]): Column<Row>[] {
  const hidden = hiddenOf(name).use().split(',')
  return all.filter((column) => column.fixed || !hidden.includes(column.key))
}

/** Selects the columns that this browser shows. */
export function ColumnPicker<Row>({ name, columns }: { name: string; columns: readonly Column<Row>[] }) {
  const say = useSay()
  const [anchor, setAnchor] = useState<HTMLElement | null>(null)
  const setting = hiddenOf(name)
  const hidden = setting.use().split(',').filter(Boolean)
  const toggle = (key: string) =>
    setting.set((hidden.includes(key) ? hidden.filter((each) => each !== key) : [...hidden, key]).join(','))
  return (
    <>
      <Button kind="quiet" aria-haspopup="menu" onClick={(event) => setAnchor(event.currentTarget)}>
        {say(listWords.columns)}
      </Button>
      {anchor && (
        <Popover
          anchor={anchor}
          align="right"
          label={say(listWords.columns)}
          role="menu"
          onClose={() => setAnchor(null)}
        >
          {columns
            .filter((column) => !column.fixed)
            .map((column) => (
              <MenuItem
                key={column.key}
                checked={!hidden.includes(column.key)}
                onPick={() => toggle(column.key)}
              >
                {say(column.title)}
              </MenuItem>
            ))}
        </Popover>
      )}
    </>
  )
}
