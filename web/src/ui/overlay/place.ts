import { type CSSProperties, type RefObject, useMemo } from 'react'
import { useOverlayPosition } from 'react-aria/useOverlayPosition'

type Placing = {
  placement: 'bottom left' | 'bottom right' | 'right top' | 'top left'
  offset: number
  maxHeight?: number
}

/** Places a panel at its anchor: on the side asked for, or on the other where that has no room. */
export function usePlace(
  anchor: HTMLElement | null,
  overlayRef: RefObject<HTMLElement | null>,
  placing: Placing,
): CSSProperties {
  const targetRef = useMemo(() => ({ current: anchor }), [anchor])
  const { overlayProps } = useOverlayPosition({
    ...placing,
    targetRef,
    overlayRef,
    containerPadding: 8,
    isOpen: true,
  })
  // Our sheets say which layer is above which.
  return { ...overlayProps.style, zIndex: undefined }
}
