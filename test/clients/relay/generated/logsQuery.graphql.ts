/**
 * @generated SignedSource<<f2669b82fdb4bc7f6ed4a11c444eb547>>
 * @relayHash 29ec5c07f73e7882db6aa47348dc3a8d
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

// @relayRequestID 92996676462ad394c5017c73b6b90032bccd658352223aca81c7af06ae7231dd

import type { ConcreteRequest } from 'relay-runtime';
export type ViberMessageStatus = "DELIVERED" | "SENT" | "UNDELIVERED" | "UNKNOWN" | "%future added value";
export type logsQuery$variables = {
  requestIds: ReadonlyArray<string>;
};
export type logsQuery$data = {
  readonly viberLogs: ReadonlyArray<{
    readonly __typename: string;
    readonly code?: string;
    readonly messages?: ReadonlyArray<{
      readonly msgId: string;
      readonly requestId: string;
      readonly status: ViberMessageStatus;
    }>;
    readonly requestId?: string;
  } | null | undefined> | null | undefined;
};
export type logsQuery = {
  response: logsQuery$data;
  variables: logsQuery$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "requestIds"
  }
],
v1 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "requestId",
  "storageKey": null
},
v2 = [
  {
    "alias": null,
    "args": [
      {
        "kind": "Variable",
        "name": "requestIds",
        "variableName": "requestIds"
      }
    ],
    "concreteType": null,
    "kind": "LinkedField",
    "name": "viberLogs",
    "plural": true,
    "selections": [
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "__typename",
        "storageKey": null
      },
      {
        "kind": "InlineFragment",
        "selections": [
          (v1/*:: as any*/),
          {
            "alias": null,
            "args": null,
            "concreteType": "ViberMessage",
            "kind": "LinkedField",
            "name": "messages",
            "plural": true,
            "selections": [
              (v1/*:: as any*/),
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "msgId",
                "storageKey": null
              },
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "status",
                "storageKey": null
              }
            ],
            "storageKey": null
          }
        ],
        "type": "ViberLog",
        "abstractKey": null
      },
      {
        "kind": "InlineFragment",
        "selections": [
          (v1/*:: as any*/)
        ],
        "type": "NotFound",
        "abstractKey": null
      },
      {
        "kind": "InlineFragment",
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "code",
            "storageKey": null
          }
        ],
        "type": "Error",
        "abstractKey": "__isError"
      }
    ],
    "storageKey": null
  }
];
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "logsQuery",
    "selections": (v2/*:: as any*/),
    "type": "Query",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "logsQuery",
    "selections": (v2/*:: as any*/)
  },
  "params": {
    "id": "92996676462ad394c5017c73b6b90032bccd658352223aca81c7af06ae7231dd",
    "metadata": {},
    "name": "logsQuery",
    "operationKind": "query",
    "text": null
  }
};
})();

(node as any).hash = "5bdb135682d9a3a676cf4d4522d441e7";

export default node;
