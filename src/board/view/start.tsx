/** The form at the start: a token, ids, and another gateway for those who need one. */
import { useState } from 'preact/hooks';
import { idsIn } from '../address.ts';
import { offered } from '../session.ts';

export type StartValues = { token: string; ids: readonly string[]; gateway: string | null };

type StartProps = StartValues & { fault: string | null; onStart: (values: StartValues) => void };

export function Start({ ids, gateway, fault, onStart, ...rest }: StartProps) {
  const [token, setToken] = useState(rest.token || offered.token);
  const [text, setText] = useState(ids.length > 0 ? ids.join('\n') : offered.ids.split(',').join('\n'));
  const [other, setOther] = useState(gateway ?? '');

  function submit(event: Event): void {
    event.preventDefault();
    onStart({ token: token.trim().replace(/^Bearer\s+/i, ''), ids: idsIn(text), gateway: other.trim() || null });
  }

  return (
    <form class="start" onSubmit={submit}>
      <h2>Watch campaigns while they are sent</h2>
      <p class="quiet">
        Each send request of D7 becomes a card: what is delivered, what is not, what it costs, and how long messages
        wait.
      </p>
      {fault && (
        <p class="notice bad" role="alert">
          {fault}
        </p>
      )}
      <label>
        <span>D7 API token</span>
        <input
          name="token"
          type="password"
          autocomplete="off"
          required
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
          aria-describedby="token-hint"
        />
        <small id="token-hint">Kept in this tab only, and never in the address.</small>
      </label>
      <label>
        <span>Request ids</span>
        <textarea
          name="ids"
          rows={4}
          required
          spellcheck={false}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          aria-describedby="ids-hint"
        />
        <small id="ids-hint">
          The request_id that D7 returned for a campaign. One or more, on lines or with commas.
        </small>
      </label>
      <details open={gateway !== null}>
        <summary>Another gateway</summary>
        <label>
          <span>Address of the gateway</span>
          <input
            name="gateway"
            inputMode="url"
            placeholder="https://gateway.example.com/graphql"
            value={other}
            onInput={(event) => setOther(event.currentTarget.value)}
            aria-describedby="gateway-hint"
          />
          <small id="gateway-hint">
            Its CORS_ORIGINS must list this page, and BOARD_GATEWAYS of this page’s server must list it.
          </small>
        </label>
      </details>
      <button type="submit" class="primary">
        Watch
      </button>
    </form>
  );
}
