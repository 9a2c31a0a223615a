/**
 * @generated SignedSource<<bd8964e5f00a3d039fd72a314e03f318>>
 * @relayHash e26ade0e881e397d206b325fa796d0c9
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

// @relayRequestID 283aaa6296a11c011b2873691d34326f4d13b0817247683f4509ef54eac39668

import type { ConcreteRequest } from 'relay-runtime';
import type { Result } from "relay-runtime";
export type logsSummaryQuery$variables = {
  requestId: string;
};
export type logsSummaryQuery$data = {
  readonly viberLog: Result<{
    readonly __typename: "NotFound";
    readonly code: string;
    readonly requestId: string;
  } | {
    readonly __typename: "ViberLog";
    readonly requestId: string;
    readonly summary: {
      readonly delivered: number;
      readonly messages: number;
      readonly totalCost: number;
      readonly undelivered: number;
    };
  } | {
    // This will never be '%other', but we need some
    // value in case none of the concrete values match.
    readonly __typename: "%other";
  } | null | undefined, unknown>;
};
export type logsSummaryQuery = {
  response: logsSummaryQuery$data;
  variables: logsSummaryQuery$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "requestId"
  }
],
v1 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "requestId",
  "storageKey": null
},
v2 = {
  "alias": null,
  "args": [
    {
      "kind": "Variable",
      "name": "requestId",
      "variableName": "requestId"
    }
  ],
  "concreteType": null,
  "kind": "LinkedField",
  "name": "viberLog",
  "plural": false,
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
          "concreteType": "ViberLogSummary",
          "kind": "LinkedField",
          "name": "summary",
          "plural": false,
          "selections": [
            {
              "alias": null,
              "args": null,
              "kind": "ScalarField",
              "name": "messages",
              "storageKey": null
            },
            {
              "alias": null,
              "args": null,
              "kind": "ScalarField",
              "name": "delivered",
              "storageKey": null
            },
            {
              "alias": null,
              "args": null,
              "kind": "ScalarField",
              "name": "undelivered",
              "storageKey": null
            },
            {
              "alias": null,
              "args": null,
              "kind": "ScalarField",
              "name": "totalCost",
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
        (v1/*:: as any*/),
        {
          "alias": null,
          "args": null,
          "kind": "ScalarField",
          "name": "code",
          "storageKey": null
        }
      ],
      "type": "NotFound",
      "abstractKey": null
    }
  ],
  "storageKey": null
};
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "logsSummaryQuery",
    "selections": [
      {
        "kind": "CatchField",
        "field": (v2/*:: as any*/),
        "to": "RESULT"
      }
    ],
    "type": "Query",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "logsSummaryQuery",
    "selections": [
      (v2/*:: as any*/)
    ]
  },
  "params": {
    "id": "283aaa6296a11c011b2873691d34326f4d13b0817247683f4509ef54eac39668",
    "metadata": {},
    "name": "logsSummaryQuery",
    "operationKind": "query",
    "text": null
  }
};
})();

(node as any).hash = "13fe19147d24f27d56eac1cf56e44ee5";

export default node;
